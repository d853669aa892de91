import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { card } from './testing/states.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('trials (domain.md 1.2, 1.3, 6.2; scenario 31)');

const trial = (options: Parameters<typeof Subject.active>[0] = {}): Subject =>
  Subject.active({ trial: true, ...options });

test('31: extended in its last fifteen days, and once', () => {
  const subject = trial();
  subject.tick('2026-06-10');
  const early = subject.command('extend-trial');
  assert.equal(early.kind === 'refused' && early.reasonCodes, ['TRIAL_EXTENSION_TOO_EARLY']);
  assert.match(early.kind === 'refused' ? (early.remedies[0]?.text.en ?? '') : '', '16 June 2026');
  subject.tick('2026-06-16');
  subject.accept('extend-trial');
  assert.is(subject.header.termEnd, at('2026-07-31'));
  subject.tick('2026-07-20');
  assert.equal(subject.codes('extend-trial'), ['TRIAL_EXTENSION_USED']);
  assert.equal(Subject.active().codes('extend-trial'), ['NOT_A_TRIAL']);
});

test('31: ends in thirty days of grace, then it is deleted and never disabled', () => {
  const subject = trial();
  subject.tick('2026-07-01');
  assert.is(subject.header.status, 'expired');
  subject.tick('2026-07-31');
  assert.is(subject.header.status, 'deleted');
  assert.not.ok(subject.types().includes('SubscriptionDisabled'));
});

test('31: a second trial of the same offer is refused', () => {
  const subject = new Subject();
  subject.facts = { trialUsed: true };
  assert.equal(subject.codes('create', { planId: 'p', seats: 1, term: 'P1M', trial: true }), ['TRIAL_ALREADY_USED']);
  subject.accept('create', { planId: 'p', seats: 1, term: 'P1M' });
});

test('bought early, nobody loses days: the paid term follows the trial', () => {
  const subject = trial();
  subject.tick('2026-06-10');
  subject.accept('convert-trial', { paymentMethod: card });
  assert.equal(
    [subject.header.status, subject.header.trial, subject.header.termStart, subject.header.termEnd],
    ['active', false, at('2026-07-01'), at('2027-07-01')],
  );
  subject.now = at('2026-06-11');
  subject.pay(fact('settled', '2026-06-11'));
  assert.equal([subject.header.termPaid, subject.header.termEnd], [true, at('2027-07-01')]);
  assert.equal(subject.codes('convert-trial', { paymentMethod: card }), ['NOT_A_TRIAL']);
});

test('bought in the grace it begins at once; payment details are looked at', () => {
  const subject = trial();
  subject.tick('2026-07-10');
  subject.facts = { tenant: { country: 'BE', creditCheck: 'pending' } };
  assert.equal(subject.codes('convert-trial', { paymentMethod: { ...card, expires: '2026-06' } }), [
    'CREDIT_CHECK_PENDING',
    'PAYMENT_METHOD_COUNTRY_MISMATCH',
    'PAYMENT_METHOD_EXPIRED',
  ]);
  subject.facts = {};
  subject.accept('convert-trial', { paymentMethod: card });
  assert.equal([subject.header.status, subject.header.termEnd], ['active', at('2027-07-10')]);
  subject.tick('2026-09-01');
  assert.is(subject.header.status, 'active');
});

test('by policy it becomes paid at its end, if a payment method was known and nobody said no', () => {
  const profile = 'direct-mca-2024';
  const paid = trial({ profile });
  paid.accept('add-payment-method', { paymentMethod: card });
  paid.tick('2026-07-15');
  assert.equal([paid.header.status, paid.header.trial, paid.header.termEnd], ['active', false, at('2027-07-01')]);

  const without = trial({ profile });
  without.tick('2026-07-15');
  assert.is(without.header.status, 'expired');
  without.accept('add-payment-method', { paymentMethod: card });
  without.tick('2026-07-16');
  assert.is(without.header.status, 'expired', 'known too late');

  const unwanted = trial({ profile });
  unwanted.accept('add-payment-method', { paymentMethod: card });
  unwanted.accept('set-recurring-billing', { on: false });
  unwanted.tick('2026-07-15');
  assert.is(unwanted.header.status, 'expired');
});

test('a payment that comes after its end brings no trial back', () => {
  const subject = trial({ price: { minor: 1000, currency: 'EUR' } });
  subject.tick('2026-07-05');
  subject.pay(fact('settled', '2026-07-05', { id: 'in_1', amount: { minor: 3000, currency: 'EUR' } }));
  assert.is(subject.header.status, 'expired');
});

test.run();
