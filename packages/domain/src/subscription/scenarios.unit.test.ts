import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accessOf } from './access.ts';
import { subscriptionView } from './view.ts';
import { card, inState } from './testing/states.ts';
import { Subject, at, fact } from './testing/subject.ts';
import type { SubscriptionEventData, SubscriptionEventType } from './events.ts';

const test = suite('acceptance scenarios (domain.md 7)');

const last = (subject: Subject, count: number): string[] =>
  subject.log.slice(-count).map(({ type, effectiveAt }) => `${type} ${effectiveAt}`);

function dataOf<T extends SubscriptionEventType>(subject: Subject, type: T): SubscriptionEventData<T> {
  const event = [...subject.log].reverse().find((each) => each.type === type);
  if (event === undefined) throw new Error(`no ${type}`);
  // Found by its type.
  return event.data as SubscriptionEventData<T>;
}

test('1: the normal expiry line, each event at its due instant', () => {
  const subject = Subject.active({ recurringBilling: false });
  for (const personId of ['a', 'b', 'c']) subject.accept('assign-license', { personId });
  subject.tick('2027-06-01');
  assert.equal(last(subject, 1), ['SubscriptionExpired 2027-06-01T00:00:00.000Z']);
  assert.equal(accessOf(subject.header, subject.now), {
    service: 'full',
    desktop: 'full',
    reason: 'expired',
    changesAt: at('2027-07-01'),
  });
  subject.tick('2027-07-01');
  assert.equal(last(subject, 1), ['SubscriptionDisabled 2027-07-01T00:00:00.000Z']);
  assert.equal(accessOf(subject.header, subject.now), {
    service: 'none',
    desktop: 'reduced',
    reason: 'disabled',
    changesAt: at('2027-09-29'),
  });
  assert.ok(subject.codes('assign-license', { personId: 'd' }).includes('LICENSE_ASSIGNMENT_FROZEN'));
  subject.tick('2027-09-29');
  assert.equal(last(subject, 1), ['SubscriptionDeleted 2027-09-29T00:00:00.000Z']);
});

test('1: a sweep 200 days late writes the same events with the same instants', () => {
  const onTime = Subject.active({ recurringBilling: false });
  for (const due of ['2027-06-01', '2027-07-01', '2027-09-29']) onTime.tick(due);
  const late = Subject.active({ recurringBilling: false });
  late.tick('2028-04-16');
  assert.equal(last(late, 3), last(onTime, 3));
  assert.is(late.tick().kind, 'nothing');
});

test('2: active to the last millisecond, expired at the boundary, also when no timer has run', () => {
  const { header } = Subject.active({ recurringBilling: false });
  assert.is(subscriptionView(header, '2027-05-31T23:59:59.999Z').status, 'active');
  assert.is(subscriptionView(header, '2027-06-01T00:00:00.000Z').status, 'expired');
});

test('3: paid in time, delivered late: the same state as if delivered in time', () => {
  const late = Subject.active();
  late.tick('2027-06-01');
  late.now = at('2027-06-02T10:00');
  late.pay(fact('settled', '2027-05-31T23:59:30'));
  assert.equal(last(late, 3), [
    'PaymentFactRecorded 2027-05-31T23:59:30.000Z',
    'ExpiryReversed 2027-06-01T00:00:00.000Z',
    'SubscriptionRenewed 2027-06-01T00:00:00.000Z',
  ]);
  assert.equal(
    [late.view.status, late.view.termStart, late.view.termEnd],
    ['active', at('2027-06-01'), at('2028-06-01')],
  );
});

test('3: delivered late, but no timer had run: an ordinary renewal', () => {
  const subject = Subject.active();
  subject.now = at('2027-06-02T10:00');
  subject.pay(fact('settled', '2027-05-31T23:59:30'));
  assert.equal(last(subject, 1), ['SubscriptionRenewed 2027-06-01T00:00:00.000Z']);
});

test('4: a late payment in grace extends from the old end', () => {
  const subject = Subject.active();
  subject.tick('2027-06-05');
  subject.now = at('2027-06-20T08:00');
  subject.pay(fact('settled', '2027-06-20T08:00'));
  assert.is(subject.view.status, 'active');
  assert.is(subject.view.termEnd, at('2028-06-01'));
});

test('8: payment before activation: kept, the term starts at activation', () => {
  const subject = Subject.created();
  subject.now = at('2026-06-01T10:00');
  subject.pay(fact('settled', '2026-06-01T10:00'));
  assert.is(subject.tick('2026-06-04').kind, 'nothing');
  subject.accept('activate');
  assert.equal([subject.view.termStart, subject.header.termPaid], [at('2026-06-04'), true]);
});

test('8: a pending subscription whose first payment does not come is given up after the window', () => {
  const subject = Subject.created();
  subject.tick('2026-06-03');
  assert.equal(last(subject, 1), ['SubscriptionDeleted 2026-06-01T23:00:00.000Z']);
});

test('9: exact duplicate and sibling type: one renewal', () => {
  const subject = Subject.active();
  subject.now = at('2027-05-30');
  const paid = fact('settled', '2027-05-30', { id: 'in_7', eventId: 'evt_1' });
  const outcomes = [paid, paid, { ...paid, providerEventId: 'evt_2' }].map((each) => {
    const decision = subject.pay(each);
    return 'outcome' in decision ? decision.outcome : decision.kind;
  });
  assert.equal(outcomes, ['APPLIED', 'DUPLICATE_TRANSPORT', 'DUPLICATE_EFFECT']);
  assert.is(subject.types().filter((type) => type === 'SubscriptionRenewed').length, 1);
  assert.is(subject.view.termEnd, at('2028-06-01'));
});

test('11: reactivate an expired one: provisional, charged one month, next billing 2027-05-01', () => {
  const subject = Subject.active({ term: 'P1M', seats: 12, price: { minor: 500, currency: 'EUR' } }, '2027-03-01');
  subject.now = at('2027-03-01T01:00');
  subject.pay(fact('settled', '2027-03-01T01:00', { id: 'march', amount: { minor: 6000, currency: 'EUR' } }));
  subject.tick('2027-04-11');
  subject.roles = ['billing-admin'];
  subject.accept('reactivate', { paymentMethod: card });
  assert.equal([subject.view.status, subject.view.nextBilling], ['reactivated', at('2027-05-01')]);
  assert.equal(subject.header.reactivation?.amountDue, { minor: 6000, currency: 'EUR' });
  assert.is(subject.header.reactivation?.confirmBy, at('2027-04-11T23:00'));
  subject.pay(fact('settled', '2027-04-11', { id: 'april', amount: { minor: 6000, currency: 'EUR' } }));
  assert.equal([subject.view.status, subject.view.nextBilling], ['active', at('2027-05-01')]);
});

test('12: reactivate a cancelled one in its term with nothing due: confirmed in the same append', () => {
  const subject = Subject.active({}, '2026-12-01');
  subject.now = at('2027-05-10');
  subject.accept('cancel-now');
  subject.now = at('2027-07-01');
  subject.accept('reactivate');
  assert.equal(last(subject, 2), [
    'SubscriptionReactivated 2027-07-01T00:00:00.000Z',
    'ReactivationConfirmed 2027-07-01T00:00:00.000Z',
  ]);
  assert.equal([subject.view.status, subject.view.nextBilling], ['active', at('2027-12-01')]);
});

test('12: with a credit given at cancel, that is the amount due', () => {
  const subject = Subject.active({ price: { minor: 100, currency: 'EUR' } }, '2026-12-01');
  subject.now = at('2026-12-01T01:00');
  subject.pay(fact('settled', '2026-12-01T01:00', { amount: { minor: 300, currency: 'EUR' } }));
  subject.now = at('2027-06-01T12:00');
  subject.accept('cancel-now');
  assert.equal(dataOf(subject, 'SubscriptionCancelled').credit, { minor: 150, currency: 'EUR' });
  assert.equal(subject.codes('reactivate'), ['PAYMENT_METHOD_REQUIRED']);
  subject.accept('reactivate', { paymentMethod: card });
  assert.equal(subject.header.reactivation?.amountDue, { minor: 150, currency: 'EUR' });
  subject.pay(fact('settled', '2027-06-01T12:00', { id: 'back', amount: { minor: 150, currency: 'EUR' } }));
  assert.equal(
    [subject.view.status, subject.view.nextBilling, subject.header.credit],
    ['active', at('2027-12-01'), null],
  );
});

test('15: a reactivation by wire that is never paid falls back, and leaves seven days', () => {
  const subject = Subject.active({ price: { minor: 100, currency: 'EUR' } });
  subject.now = at('2026-06-01T01:00');
  subject.pay(fact('settled', '2026-06-01T01:00', { amount: { minor: 300, currency: 'EUR' } }));
  subject.accept('cancel-now');
  subject.now = at('2026-08-28T01:00');
  subject.accept('reactivate', { paymentMethod: { ...card, kind: 'bank' } });
  // Ten working days from a Friday.
  assert.is(subject.view.deadline?.at, at('2026-09-11T01:00'));
  assert.is(accessOf(subject.header, subject.now).service, 'full');
  subject.tick('2026-10-30');
  assert.equal(last(subject, 2), [
    'ReactivationFailed 2026-09-11T01:00:00.000Z',
    'SubscriptionDeleted 2026-09-18T01:00:00.000Z',
  ]);
  assert.is(dataOf(subject, 'ReactivationFailed').backTo, 'cancelled');
});

test('16: refund after a reactivation: cancelled at the refund, once', () => {
  const reactivated = (): Subject => {
    const subject = inState.reactivated();
    subject.now = at('2027-06-05T01:00');
    subject.pay(fact('settled', '2027-06-05T01:00', { id: 'again' }));
    subject.now = at('2027-06-06');
    return subject;
  };
  const subject = reactivated();
  subject.pay(fact('refunded', '2027-06-06', { id: 'again', eventId: 'r1', cumulativeRefunded: 1000 }));
  assert.equal(last(subject, 1), ['SubscriptionCancelled 2027-06-06T00:00:00.000Z']);
  const count = subject.log.length;
  const repeated = subject.pay(
    fact('refunded', '2027-06-06', { id: 'again', eventId: 'r2', cumulativeRefunded: 1000 }),
  );
  assert.is('outcome' in repeated && repeated.outcome, 'DUPLICATE_EFFECT');
  assert.is(subject.log.length, count);
  const partial = reactivated();
  partial.pay(fact('refunded', '2027-06-06', { id: 'again', eventId: 'r1', cumulativeRefunded: 999 }));
  assert.is(partial.view.status, 'active');
});

test('20: cancelling twice: the second names the first event, a repeat gives the first result, another content is refused', () => {
  const subject = Subject.active();
  subject.accept('cancel-now', {}, 'A');
  const cancelled = subject.log.at(-1);
  const second = subject.command('cancel-now', {}, 'B');
  assert.equal(second.kind === 'refused' && [second.reasonCodes, second.firstEventId], [
    ['ALREADY_CANCELLED'],
    cancelled?.id,
  ]);
  assert.equal(subject.command('cancel-now', {}, 'A'), { kind: 'repeated', firstRevision: cancelled?.revision });
  const reused = subject.command('cancel-now', { reason: 'other' }, 'A');
  assert.equal(reused.kind === 'refused' && reused.reasonCodes, ['COMMAND_ID_REUSED']);
  assert.is(subject.types().filter((type) => type === 'SubscriptionCancelled').length, 1);
});

test('20: a repeat gives the first result in any later state', () => {
  const subject = Subject.created();
  subject.accept('activate', {}, 'A');
  const { revision } = subject.header;
  subject.tick('2028-01-01');
  assert.is(subject.header.status, 'deleted');
  assert.equal(subject.command('activate', {}, 'A'), { kind: 'repeated', firstRevision: revision });
});

test('27: month ends in Amsterdam', () => {
  const subject = Subject.active({ term: 'P1M', zone: 'Europe/Amsterdam' }, '2027-01-31T09:30Z');
  const starts = ['one', 'two', 'three', 'four'].map((id) => {
    subject.now = new Date(Date.parse(subject.view.termEnd ?? '') - 1000).toISOString();
    subject.pay(fact('settled', subject.now, { id }));
    return subject.log.at(-1)?.effectiveAt;
  });
  assert.equal(starts, [
    at('2027-02-28T09:30'),
    at('2027-03-31T08:30'),
    at('2027-04-30T08:30'),
    at('2027-05-31T08:30'),
  ]);
});

test('29: terms across the clock changes, and thirty days of grace are calendar days', () => {
  const monthly = Subject.active({ term: 'P1M', zone: 'Europe/Amsterdam' }, '2027-02-28T01:30Z');
  assert.is(monthly.view.termEnd, at('2027-03-28T01:30'));
  const grace = Subject.active({ term: 'P1M', zone: 'Europe/Amsterdam' }, '2027-02-10T08:00Z');
  grace.tick('2027-03-10T08:00Z');
  assert.equal(grace.view.deadline, { kind: 'grace-end', at: at('2027-04-09T07:00') });
});

test('31: a trial that ends is deleted after its grace, never disabled', () => {
  const subject = Subject.active({ trial: true });
  assert.is(subject.view.termEnd, at('2026-07-01'));
  subject.tick('2027-01-01');
  assert.equal(last(subject, 2), [
    'SubscriptionExpired 2026-07-01T00:00:00.000Z',
    'SubscriptionDeleted 2026-07-31T00:00:00.000Z',
  ]);
});

test('a start in the future begins by itself, at its own instant', () => {
  const subject = Subject.created({ startsAt: at('2026-07-01') });
  subject.tick('2026-07-03');
  assert.equal(last(subject, 1), ['SubscriptionActivated 2026-07-01T00:00:00.000Z']);
});

test('a cancellation at term end is a flag, can be taken back, and ends in expiry', () => {
  const subject = Subject.active();
  subject.accept('cancel-at-term-end');
  assert.equal([subject.view.status, subject.view.cancelAt], ['active', at('2027-06-01')]);
  assert.is(subject.command('cancel-at-term-end').kind, 'nothing');
  subject.accept('undo-scheduled-cancel');
  assert.equal(subject.codes('undo-scheduled-cancel'), ['NOTHING_SCHEDULED']);
  subject.accept('cancel-at-term-end');
  assert.equal(subject.view.deadline, { kind: 'term-end', at: at('2027-06-01') });
  subject.tick('2027-06-01');
  assert.is(subject.view.status, 'expired');
});

test('a cancellation dated before the end of a term that was paid since: cancelled inside it', () => {
  const subject = Subject.active();
  subject.accept('cancel-at-term-end');
  subject.now = at('2027-05-01');
  subject.pay(fact('settled', '2027-05-01'));
  subject.tick('2027-06-01');
  assert.equal(last(subject, 1), ['SubscriptionCancelled 2027-06-01T00:00:00.000Z']);
  assert.is(dataOf(subject, 'SubscriptionCancelled').by, 'schedule');
});

test('a reactivation whose new term ends unconfirmed falls back', () => {
  const subject = Subject.active({ term: 'P1M' }, '2027-03-01');
  subject.tick('2027-04-29');
  subject.accept('reactivate', { paymentMethod: { ...card, kind: 'boleto' } });
  assert.equal(subject.view.deadline, { kind: 'term-end', at: at('2027-05-01') });
  subject.tick('2027-05-01');
  assert.is(subject.view.status, 'expired');
  assert.is(dataOf(subject, 'ReactivationFailed').deadline, at('2027-05-08'));
});

test('commands and facts on what does not exist, and creating it twice', () => {
  const subject = new Subject();
  assert.equal(subject.codes('activate'), ['NOT_FOUND']);
  assert.is(subject.pay(fact('settled', '2026-06-01')).kind, 'refused');
  subject.accept('create', { planId: 'p', seats: 1, term: 'P1M' });
  assert.is(subject.command('create', { planId: 'p', seats: 1, term: 'P1M' }).kind, 'already-exists');
});

test('8: what was paid before activation beyond the first term is on account; without a price one payment is the term', () => {
  const paidWith = (price: object, ...minors: readonly number[]): Subject => {
    const subject = Subject.created({ ...price, seats: 2 });
    subject.now = at('2026-06-01T10:00');
    for (const [index, minor] of minors.entries())
      subject.pay(fact('settled', '2026-06-01T10:00', { id: `in_${index}`, amount: { minor, currency: 'EUR' } }));
    subject.accept('activate');
    return subject;
  };
  const price = { price: { minor: 1000, currency: 'EUR' } };
  const over = paidWith(price, 1500, 1200);
  assert.equal(over.types(3), ['BalanceChanged', 'SubscriptionActivated']);
  assert.equal(over.header.account, [{ payment: 'stripe/in_1', minor: 700, currency: 'EUR' }]);
  assert.equal([over.header.termPaid, over.header.payments.length, over.header.parked], [true, 2, []]);
  const exact = paidWith(price, 1500, 500);
  assert.equal([exact.types(3), exact.header.account], [['SubscriptionActivated'], []]);
  const unpriced = paidWith({}, 1500, 500);
  const [activated] = unpriced.log.slice(3);
  assert.equal(activated?.type === 'SubscriptionActivated' && activated.data.paidBy, ['stripe/in_0']);
  assert.equal(unpriced.types(4), ['SubscriptionRenewed'], 'the other pays the next term');
});

test.run();
