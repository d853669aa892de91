import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentFact } from '../payment/fact.ts';
import { subscriptionStatuses } from './lifecycle.ts';
import { card, inState } from './testing/states.ts';
import { at, fact, type Subject } from './testing/subject.ts';

const test = suite('payment facts × states (domain.md 6.3)');

/** Takes the fact at its own instant, or at the clock's when that is later; answers with what was appended. */
function given(
  subject: Subject,
  payment: PaymentFact,
): { readonly types: string[]; readonly outcome: string | undefined } {
  if (payment.occurredAt > subject.now) subject.now = payment.occurredAt;
  const before = subject.log.length;
  const decision = subject.pay(payment);
  return { types: subject.types(before), outcome: 'outcome' in decision ? decision.outcome : undefined };
}

const noted = ['PaymentFactRecorded'];

test('settled, on time, pending: kept until the activation that it pays', () => {
  const subject = inState.pending();
  assert.equal(given(subject, fact('settled', '2026-06-01T10:00')).types, noted);
  assert.is(subject.header.firstPaymentBy, null);
  subject.now = at('2026-06-04');
  subject.accept('activate');
  assert.ok(subject.header.termPaid);
  assert.is(subject.header.termStart, at('2026-06-04'));
});

test('settled, on time, active: the unpaid first term is paid; the next payment renews', () => {
  const subject = inState.active();
  assert.equal(given(subject, fact('settled', '2026-06-01T22:59', { id: 'first' })).types, noted);
  assert.is(subject.header.termEnd, at('2027-06-01'));
  assert.equal(given(subject, fact('settled', '2027-05-20', { id: 'second' })).types, ['SubscriptionRenewed']);
  assert.is(subject.header.termEnd, at('2028-06-01'));
  assert.is(subject.log.at(-1)?.effectiveAt, at('2027-06-01'));
});

test('without a period, the first term is paid only within the first payment window', () => {
  const subject = inState.active();
  assert.equal(given(subject, fact('settled', '2026-06-01T23:00')).types, ['SubscriptionRenewed']);
});

test('a first charge that failed in time is still owed: a later payment pays the first term, by whatever object', () => {
  for (const id of ['first', 'another']) {
    const subject = inState.active();
    given(subject, fact('failed', '2026-06-01T10:00', { id: 'first', attempt: 1 }));
    given(subject, fact('failed', '2026-06-03', { id: 'first', attempt: 2 }));
    given(subject, fact('settled', '2026-06-05', { id }));
    const { termPaid, termEnd, pastDue, balance } = subject.header;
    assert.equal([termPaid, termEnd, pastDue, balance], [true, at('2027-06-01'), null, null]);
    given(subject, fact('settled', '2027-05-20', { id: 'renewal' }));
    assert.is(subject.header.termEnd, at('2028-06-01'));
  }
});

test('with a period, the term that contains its start is paid', () => {
  const current = inState.active();
  const period = { start: at('2026-06-01'), end: at('2027-06-01') };
  assert.equal(given(current, fact('settled', '2026-08-01', { servicePeriod: period })).types, noted);
  assert.ok(current.header.termPaid);
  assert.is(current.header.termEnd, at('2027-06-01'));
  // Paid twice: the second is the customer's money.
  assert.equal(given(current, fact('settled', '2026-08-02', { id: 'again', servicePeriod: period })).types, [
    'PaymentFactRecorded',
    'BalanceChanged',
  ]);
  assert.equal(current.header.credit, { minor: 1000, currency: 'EUR' });
});

test('a payment for a term after the next waits for the one before it', () => {
  const subject = inState.active();
  const later = { start: at('2028-06-01'), end: at('2029-06-01') };
  assert.equal(given(subject, fact('settled', '2026-08-01', { id: 'later', servicePeriod: later })).types, noted);
  assert.is(subject.header.termEnd, at('2027-06-01'));
  const paid = given(subject, fact('settled', '2026-09-01', { id: 'next' }));
  assert.equal(paid.types, ['SubscriptionRenewed', 'SubscriptionRenewed']);
  assert.is(subject.header.termEnd, at('2029-06-01'));
});

test('settled, active: arrears are cleared, exactly at the end is still on time', () => {
  const subject = inState.active();
  given(subject, fact('failed', '2027-05-31', { id: 'next' }));
  assert.ok(subject.header.pastDue);
  const paid = given(subject, fact('settled', '2027-06-01', { id: 'next' }));
  assert.equal(paid.types, ['PastDueCleared', 'SubscriptionRenewed']);
  assert.is(subject.header.pastDue, null);
});

test('short of the due sum is a balance, the rest renews, over is credit', () => {
  const subject = inState.active({ price: { minor: 100, currency: 'EUR' } });
  given(subject, fact('settled', '2026-06-01T01:00', { id: 'a', amount: { minor: 300, currency: 'EUR' } }));
  const short = given(subject, fact('settled', '2027-05-01', { id: 'b', amount: { minor: 200, currency: 'EUR' } }));
  assert.equal(short.types, ['PaymentFactRecorded', 'BalanceChanged']);
  assert.is(subject.header.termEnd, at('2027-06-01'));
  const rest = given(subject, fact('settled', '2027-05-02', { id: 'c', amount: { minor: 100, currency: 'EUR' } }));
  assert.equal(rest.types, ['BalanceChanged', 'SubscriptionRenewed']);
  assert.is(subject.header.credit, null);
  given(subject, fact('settled', '2027-05-03', { id: 'd', amount: { minor: 350, currency: 'EUR' } }));
  assert.equal(subject.header.credit, { minor: 50, currency: 'EUR' });
});

test('settled, on time, but known late, expired: the expiry is reversed without a gap (scenario 3)', () => {
  const subject = inState.expired();
  const expiry = subject.log.at(-1);
  const paid = given(subject, fact('settled', '2027-05-31T23:59:30'));
  assert.equal(paid.types, ['PaymentFactRecorded', 'ExpiryReversed', 'SubscriptionRenewed']);
  const [, reversal, renewal] = subject.log.slice(-3);
  assert.equal(reversal?.type === 'ExpiryReversed' && reversal.data.reverses, [expiry?.id]);
  assert.is(reversal?.effectiveAt, expiry?.effectiveAt);
  assert.is(renewal?.effectiveAt, at('2027-06-01'));
  assert.is(subject.header.status, 'active');
});

test('settled, late, expired: back by itself with recurring billing, else the money is kept', () => {
  const auto = inState.expired();
  assert.equal(given(auto, fact('settled', '2027-06-20T08:00')).types, [
    'SubscriptionReactivated',
    'ReactivationConfirmed',
  ]);
  assert.is(auto.header.status, 'active');
  assert.is(auto.header.termEnd, at('2028-06-01'));
  const ask = inState.expired({ recurringBilling: false });
  assert.equal(given(ask, fact('settled', '2027-06-20T08:00')).types, ['PaymentFactRecorded', 'BalanceChanged']);
  assert.is(ask.header.status, 'expired');
});

test('settled, late, disabled: back by itself only for nonpayment and grace', () => {
  const auto = inState.disabled();
  given(auto, fact('settled', '2027-07-10'));
  assert.is(auto.header.status, 'active');
  assert.equal([auto.header.termStart, auto.header.termEnd], [at('2027-07-10'), at('2028-07-10')]);
  const fraud = inState.disabled();
  fraud.accept('disable', { reason: 'fraud' });
  assert.equal(given(fraud, fact('settled', '2027-07-10')).types, ['PaymentFactRecorded', 'BalanceChanged']);
  assert.is(fraud.header.status, 'disabled');
});

test('settled, disabled inside the term: nonpayment is cleared, the billing date stays', () => {
  const subject = inState.active();
  given(subject, fact('failed', '2026-06-01T01:00', { id: 'first' }));
  subject.tick('2026-07-01T01:00');
  assert.equal(subject.header.disabledReasons, ['nonpayment']);
  const paid = given(subject, fact('settled', '2026-07-05', { id: 'first' }));
  assert.equal(paid.types, ['PaymentFactRecorded', 'DisableReasonRemoved', 'SubscriptionEnabled']);
  assert.is(subject.header.status, 'active');
  assert.is(subject.header.termEnd, at('2027-06-01'));
});

test('settled, disabled inside the term, with another reason: it stays disabled', () => {
  const subject = inState.active();
  given(subject, fact('failed', '2026-06-01T01:00', { id: 'first' }));
  subject.tick('2026-07-01T01:00');
  subject.accept('disable', { reason: 'admin' });
  given(subject, fact('settled', '2026-07-05', { id: 'first' }));
  assert.is(subject.header.status, 'disabled');
  assert.equal(subject.header.disabledReasons, ['admin']);
});

test('settled, cancelled: credit, never back', () => {
  const subject = inState.cancelled();
  assert.equal(given(subject, fact('settled', '2026-10-01', { id: 'x' })).types, [
    'PaymentFactRecorded',
    'BalanceChanged',
  ]);
  assert.is(subject.header.status, 'cancelled');
  assert.equal(subject.header.credit, { minor: 1000, currency: 'EUR' });
});

test('settled, reactivated: confirmed when it is for the reactivation, else credit', () => {
  const matched = inState.reactivated();
  assert.equal(given(matched, fact('settled', '2027-06-05T01:00')).types, ['ReactivationConfirmed']);
  assert.is(matched.header.status, 'active');
  const other = inState.reactivated();
  given(other, fact('settled', '2027-06-05T01:00', { reactivationRef: 'another' }));
  assert.is(other.header.status, 'reactivated');
  assert.ok(other.header.credit);
});

test('a payment that names the reactivation belongs to it, though the provider clock is behind', () => {
  const subject = inState.reactivated({ recurringBilling: false });
  const reactivationRef = subject.header.reactivation?.reactivationId ?? '';
  given(subject, fact('settled', '2027-06-04T23:00', { reactivationRef }));
  assert.is(subject.header.status, 'active');
});

test('settled, deleted: the money is due back and nothing else changes (scenario 6)', () => {
  const subject = inState.deleted();
  const paid = given(subject, fact('settled', '2027-12-01'));
  assert.equal(paid, { types: noted, outcome: 'REFUND_DUE' });
  assert.is(subject.header.status, 'deleted');
});

test('settled after deletion was due: the same, whether or not a timer has run', () => {
  const subject = inState.disabled();
  subject.now = at('2027-12-01');
  assert.is(given(subject, fact('settled', '2027-11-30')).outcome, 'REFUND_DUE');
  assert.is(subject.tick().kind, 'accepted');
  assert.is(subject.header.status, 'deleted');
});

test('failed, retry left, active: past due once, whatever the number of attempts', () => {
  const subject = inState.active();
  const nextAttemptAt = at('2027-05-04');
  const first = given(subject, fact('failed', '2027-05-01', { attempt: 1, nextAttemptAt }));
  assert.equal(first.types, ['PaymentFactRecorded', 'PastDueEntered']);
  assert.equal(subject.header.pastDue, {
    since: at('2027-05-01'),
    dunningEndsAt: at('2027-05-31'),
    attempt: 1,
    nextAttemptAt,
    payment: 'stripe/in_1',
  });
  given(subject, fact('failed', '2027-05-04', { attempt: 2 }));
  assert.equal(subject.header.pastDue, {
    since: at('2027-05-01'),
    dunningEndsAt: at('2027-05-31'),
    attempt: 2,
    // Nobody said when, but a retry is left: as the policy's plan has it, counted from the first failure.
    nextAttemptAt: at('2027-05-07'),
    payment: 'stripe/in_1',
  });
  subject.tick('2027-05-31');
  assert.equal([subject.header.status, subject.header.disabledReasons], ['disabled', ['nonpayment']]);
});

test('failed for a term that is over: the end of grace says nonpayment', () => {
  const subject = inState.active();
  given(subject, fact('failed', '2027-05-30'));
  subject.tick('2027-07-01');
  assert.equal(subject.types(-2), ['SubscriptionExpired', 'SubscriptionDisabled']);
  assert.equal(subject.header.disabledReasons, ['nonpayment']);
  assert.equal(inState.disabled().header.disabledReasons, ['grace_elapsed']);
});

test('failed finally, reactivated: back to where it came from', () => {
  const subject = inState.reactivated();
  const failed = given(subject, fact('failed', '2027-06-05T01:00', { nextAttemptAt: null }));
  assert.equal(failed.types, ['ReactivationFailed']);
  assert.is(subject.header.status, 'expired');
  assert.is(subject.header.stateEndsAt, at('2027-07-01'));
});

for (const status of ['pending', 'expired', 'disabled', 'cancelled', 'reactivated', 'deleted'] as const) {
  test(`failed, retry left, ${status}: noted`, () => {
    const subject = inState[status]();
    const failed = given(subject, fact('failed', subject.now, { id: 'other', nextAttemptAt: at('2099-01-01') }));
    assert.equal(failed.types, noted);
    assert.is(subject.header.status, status);
  });
}

for (const status of ['pending', 'expired', 'disabled', 'cancelled', 'deleted'] as const) {
  test(`failed finally, ${status}: noted`, () => {
    const subject = inState[status]();
    assert.equal(given(subject, fact('failed', subject.now, { id: 'other', nextAttemptAt: null })).types, noted);
    assert.is(subject.header.status, status);
  });
}

test('refunded in full, pending: the start is given up', () => {
  const subject = inState.pending();
  given(subject, fact('settled', '2026-06-01T01:00'));
  given(subject, fact('refunded', '2026-06-01T02:00', { cumulativeRefunded: 1000 }));
  subject.tick();
  assert.is(subject.header.status, 'deleted');
  assert.is(subject.log.at(-1)?.effectiveAt, at('2026-06-01T02:00'));
});

test('refunded, current term: cancelled when in full, nothing when in part', () => {
  const subject = inState.active();
  given(subject, fact('settled', '2026-06-01T01:00'));
  given(subject, fact('refunded', '2026-07-01', { eventId: 'r1', cumulativeRefunded: 400 }));
  assert.is(subject.header.status, 'active');
  const full = given(subject, fact('refunded', '2026-07-02', { eventId: 'r2', cumulativeRefunded: 1000 }));
  assert.equal(full.types, ['PaymentFactRecorded', 'SubscriptionCancelled']);
  assert.is(subject.log.at(-1)?.effectiveAt, at('2026-07-02'));
});

test('refunded, an old term: nothing', () => {
  const subject = inState.active();
  given(subject, fact('settled', '2026-06-01T01:00', { id: 'first' }));
  given(subject, fact('settled', '2027-05-01', { id: 'second' }));
  assert.equal(given(subject, fact('refunded', '2027-08-01', { id: 'first', cumulativeRefunded: 1000 })).types, noted);
  assert.is(subject.header.status, 'active');
});

test('refunded, an old term, while a reactivation is open: nothing', () => {
  const subject = inState.active();
  given(subject, fact('settled', '2026-06-01T01:00', { id: 'first' }));
  subject.tick('2027-06-05');
  subject.accept('reactivate', { paymentMethod: card });
  assert.equal(given(subject, fact('refunded', '2027-06-05', { id: 'first', cumulativeRefunded: 1000 })).types, noted);
  assert.is(subject.header.status, 'reactivated');
});

test('refunds count by their totals: a lower one that comes last, or the same again, gives nothing back', () => {
  const subject = inState.active();
  given(subject, fact('settled', '2026-06-01T01:00'));
  given(subject, fact('refunded', '2026-07-01', { eventId: 'r1', cumulativeRefunded: 900 }));
  const lower = given(subject, fact('refunded', '2026-07-02', { eventId: 'r2', cumulativeRefunded: 100 }));
  const same = given(subject, fact('refunded', '2026-07-03', { eventId: 'r3', cumulativeRefunded: 900 }));
  assert.equal([lower.outcome, same.outcome], ['DUPLICATE_EFFECT', 'DUPLICATE_EFFECT']);
  assert.is(subject.header.status, 'active');
  given(subject, fact('refunded', '2026-07-04', { eventId: 'r4', cumulativeRefunded: 1000 }));
  assert.is(subject.header.status, 'cancelled');
});

test('refunded before it began: the term that was paid ahead is taken back', () => {
  const subject = inState.active();
  given(subject, fact('settled', '2026-06-01T01:00', { id: 'first' }));
  given(subject, fact('settled', '2027-05-01', { id: 'second' }));
  assert.equal(given(subject, fact('refunded', '2027-05-02', { id: 'second' })).types, ['RenewalUndone']);
  assert.equal([subject.header.status, subject.header.termEnd], ['active', at('2027-06-01')]);
});

test('a refund by charge finds the payment of its invoice, whichever is known first', () => {
  const settled = fact('settled', '2026-06-01T01:00', { id: 'in_9', chargeRef: 'ch_9' });
  const refunded = fact('refunded', '2026-07-01', { id: 'ch_9', cumulativeRefunded: 1000 });
  for (const order of [
    [settled, refunded],
    [refunded, settled],
  ]) {
    const subject = inState.active();
    subject.now = at('2026-07-01');
    for (const each of order) subject.pay(each);
    assert.is(subject.header.status, 'cancelled');
    assert.is(subject.header.statusSince, at('2026-07-01'));
  }
});

for (const status of ['expired', 'disabled', 'cancelled'] as const) {
  test(`refunded in full, ${status}: no change`, () => {
    const subject = inState[status]();
    const before = subject.header.status;
    given(subject, fact('settled', '2026-06-01T01:00', { id: 'first', amount: { minor: 100_000, currency: 'EUR' } }));
    given(subject, fact('refunded', subject.now, { id: 'first', cumulativeRefunded: 100_000 }));
    assert.is(subject.header.status, before);
  });
}

test('refunded in full, reactivated: back to where it came from', () => {
  const subject = inState.active({ price: { minor: 100, currency: 'EUR' } });
  given(subject, fact('settled', '2026-06-01T01:00', { id: 'first', amount: { minor: 300, currency: 'EUR' } }));
  subject.now = at('2026-09-01');
  subject.accept('cancel-now');
  subject.accept('reactivate', { paymentMethod: card });
  assert.is(subject.header.status, 'reactivated');
  const refunded = given(subject, fact('refunded', '2026-09-01T01:00', { id: 'first', cumulativeRefunded: 300 }));
  assert.equal(refunded.types, ['ReactivationFailed']);
  assert.is(subject.header.status, 'cancelled');
});

test('what contradicts what is known is quarantined in every state, and changes nothing', () => {
  for (const status of subscriptionStatuses) {
    const subject = inState[status]({ price: { minor: 100, currency: 'EUR' } });
    const before = subject.state;
    const foreign = fact('settled', subject.now, { id: 'usd', amount: { minor: 300, currency: 'USD' } });
    const decision = subject.pay(foreign);
    assert.equal(decision, { kind: 'nothing', outcome: 'QUARANTINED_CONTRADICTION' }, status);
    assert.is(subject.state, before, status);
  }
});

test('a fact from the future, or in another currency, is quarantined', () => {
  const subject = inState.active({ price: { minor: 100, currency: 'EUR' } });
  const outcome = (payment: PaymentFact): unknown => {
    const decision = subject.pay(payment);
    return [decision.kind, 'outcome' in decision ? decision.outcome : undefined];
  };
  assert.equal(outcome(fact('settled', '2026-06-01T00:05:00.001')), ['nothing', 'QUARANTINED_CONTRADICTION']);
  assert.equal(outcome(fact('settled', '2026-06-01', { amount: { minor: 1, currency: 'USD' } })), [
    'nothing',
    'QUARANTINED_CONTRADICTION',
  ]);
  assert.equal(outcome(fact('settled', '2026-06-01T00:05')), ['accepted', 'APPLIED']);
});

test.run();
