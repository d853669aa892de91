import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { card, inState } from './testing/states.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('support, operators and whoever pays (domain.md 6.2; scenarios 14, 21)');

test('14: what nobody else may lift, Support does, with a ticket, and nothing has to be paid', () => {
  const subject = inState.disabled({ channel: 'reseller', price: { minor: 1000, currency: 'EUR' } });
  subject.accept('disable', { reason: 'fraud' });
  subject.roles = ['billing-admin'];
  assert.equal(subject.codes('support-reactivate', { reason: 'agreed', ticket: 'T-1' }), ['ROLE_MISSING']);
  subject.roles = ['support'];
  const before = subject.log.length;
  subject.accept('support-reactivate', { reason: 'agreed', ticket: 'T-1' });
  assert.equal(subject.types(before), ['SubscriptionReactivated', 'ReactivationConfirmed']);
  assert.equal([subject.header.status, subject.header.disabledReasons], ['active', []]);
  const event = subject.log[before];
  assert.equal([event?.reason, event?.type === 'SubscriptionReactivated' && event.data.ticket], ['agreed', 'T-1']);
});

test('Support brings back neither a trial nor what never began, nor what is about to be deleted', () => {
  const body = { reason: 'agreed', ticket: 'T-1' };
  const trial = Subject.active({ trial: true });
  trial.tick('2026-07-05');
  assert.equal(trial.codes('support-reactivate', body), ['TRIAL_NOT_REACTIVATABLE']);
  const never = inState.pending();
  never.accept('disable', { reason: 'admin' });
  assert.equal(never.codes('support-reactivate', body), ['NOT_YET_ACTIVATED']);
  const late = inState.disabled();
  late.now = at('2028-01-01');
  assert.equal(late.codes('support-reactivate', body), ['RETENTION_ELAPSED']);
});

test('21: the window of the MCA profile opens with the start and with each renewal', () => {
  const started = (): Subject => Subject.active({ profile: 'direct-mca-2024' }, '2027-01-10T09:00');
  const first = started();
  first.tick('2027-01-17T08:59:59.999');
  first.accept('cancel-now');
  const second = started();
  second.tick('2027-01-17T09:00');
  const closed = second.command('cancel-now');
  assert.equal(closed.kind === 'refused' && closed.reasonCodes, ['CANCEL_WINDOW_CLOSED']);
  assert.match(
    closed.kind === 'refused' ? (closed.remedies[0]?.text.en ?? '') : '',
    /Turn recurring billing off.*10 January 2028/,
  );
  second.now = at('2028-01-05');
  second.pay(fact('settled', '2028-01-05', { id: 'renewal' }));
  assert.equal(second.codes('cancel-now'), ['CANCEL_WINDOW_CLOSED'], 'paid ahead, but not begun');
  second.tick('2028-01-12');
  second.accept('cancel-now');
});

test("21: a provider's own ending is no request: no window stands in its way", () => {
  const subject = Subject.active({ profile: 'direct-mca-2024' });
  subject.tick('2026-08-01');
  subject.facts = { actorType: 'provider' };
  subject.accept('cancel-now');
});

test('asking to pay shows arrears as paid until the charge fails again; the clock goes on', () => {
  const subject = Subject.active();
  assert.equal(subject.codes('pay-balance'), ['nothing']);
  subject.pay(fact('failed', '2026-06-01', { id: 'a' }));
  const ends = subject.header.pastDue?.dunningEndsAt;
  subject.accept('pay-balance');
  assert.is(subject.view.pastDue, null);
  subject.now = at('2026-06-05');
  subject.pay(fact('failed', '2026-06-05', { id: 'a', attempt: 2 }));
  assert.is(subject.view.pastDue?.dunningEndsAt, ends);
  subject.accept('pay-balance');
  subject.pay(fact('settled', '2026-06-05', { id: 'a' }));
  assert.is(subject.header.pastDue, null);
  subject.tick('2026-08-01');
  assert.is(subject.header.status, 'active');
});

test('asking to pay names what is owed, and looks at the card', () => {
  const subject = inState.reactivated({ price: { minor: 1000, currency: 'EUR' } });
  subject.accept('pay-balance');
  const asked = subject.log.at(-1);
  assert.ok(asked?.type === 'BalancePaymentRequested');
  assert.equal(asked.data.amount, { minor: 3000, currency: 'EUR' });
  assert.is(subject.header.status, 'reactivated', 'only money settles it');
  const expired = inState.active();
  expired.accept('add-payment-method', { paymentMethod: { ...card, expires: '2026-07' } });
  expired.tick('2026-08-01');
  assert.equal(expired.codes('pay-balance'), ['PAYMENT_METHOD_EXPIRED']);
});

test('a card is updated with its security code, and by whom it belongs to', () => {
  const subject = inState.active();
  const update = { expires: '2031-01', securityCodeConfirmed: true };
  assert.equal(subject.codes('update-payment-method', update), ['PAYMENT_METHOD_REQUIRED']);
  subject.accept('add-payment-method', { paymentMethod: { ...card, owner: 'p1' } });
  subject.facts = { actorId: 'p2' };
  assert.equal(subject.codes('update-payment-method', { ...update, securityCodeConfirmed: false }), [
    'PAYMENT_METHOD_NOT_OWNED',
    'SECURITY_CODE_REQUIRED',
  ]);
  subject.facts = { actorId: 'p1' };
  assert.equal(subject.codes('update-payment-method', { ...update, expires: '2020-01' }), ['PAYMENT_METHOD_EXPIRED']);
  subject.accept('update-payment-method', { ...update, name: 'A. Person' });
  assert.is(subject.header.paymentMethod?.expires, '2031-01');
  assert.not.match(JSON.stringify(subject.log.map(({ data }) => data)), 'Person');
});

test('deleting has to be asked for twice, and not where the contract forbids it', () => {
  const subject = inState.expired();
  assert.equal(subject.codes('delete-now'), ['CONFIRMATION_REQUIRED']);
  assert.equal(subject.codes('delete-now', { confirm: 'other' }), ['CONFIRMATION_REQUIRED']);
  subject.accept('delete-now', { confirm: 's1' });
  assert.is(subject.header.status, 'deleted');
  const mca = inState.expired({ profile: 'direct-mca-2024' });
  assert.equal(mca.codes('delete-now'), ['NOT_DELETABLE_YET', 'CONFIRMATION_REQUIRED']);
  inState.pending().accept('delete-now');
});

test('a note and a correction change nothing but the history', () => {
  const subject = inState.deleted();
  const { revision: _, ...before } = subject.header;
  subject.accept('add-note', { text: 'asked for a refund' });
  const eventId = subject.log[0]?.id;
  subject.accept('correct-fact', { eventId, reason: 'wrong plan', correction: { planId: 'other' } });
  const { revision: __, ...after } = subject.header;
  assert.equal(after, before);
  const [note, corrected] = subject.log.slice(-2);
  assert.equal(note?.data, { text: 'asked for a refund' });
  assert.equal(corrected?.data, { corrects: eventId, correction: { planId: 'other' } });
});

test('the price of the running term is owed once its charge has failed, and of the next one never', () => {
  const failing = (servicePeriod?: { start: string; end: string }): Subject => {
    const subject = Subject.active({ seats: 2, price: { minor: 1000, currency: 'EUR' } });
    subject.tick('2026-06-01T01:00');
    const period = servicePeriod === undefined ? {} : { servicePeriod };
    subject.pay(
      fact('failed', '2026-06-01T01:00', { id: 'in_1', amount: { minor: 2000, currency: 'EUR' }, ...period }),
    );
    return subject;
  };
  assert.equal(failing().view.balance, { minor: 2000, currency: 'EUR' });
  assert.is(failing({ start: at('2027-06-01'), end: at('2028-06-01') }).view.balance, null);
});

test('a payment settles the reactivation that is open only when it is for its term', () => {
  const settledFor = (start: string): string => {
    const subject = Subject.active();
    subject.tick('2027-06-05');
    subject.accept('reactivate', { paymentMethod: { kind: 'card', token: 't', country: 'NL' } });
    subject.tick('2027-06-05T01:00');
    const servicePeriod = { start: at(start), end: at('2030-01-01') };
    subject.pay(fact('settled', '2027-06-05T01:00', { id: 'in_9', servicePeriod }));
    return subject.header.status;
  };
  assert.equal(['2027-06-01', '2028-05-31T23:59'].map(settledFor), ['active', 'active']);
  assert.equal(['2027-05-31T23:59', '2028-06-01'].map(settledFor), ['reactivated', 'reactivated']);
});

test.run();
