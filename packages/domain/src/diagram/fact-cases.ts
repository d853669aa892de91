/**
 * Examples of payment facts: what a row of the matrix does to a subscription in a state. Kinds of facts that have no
 * examples of their own here get a row with a plain fact of that kind.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import { paymentFactKinds, type PaymentFact, type PaymentFactKind } from '../payment/fact.ts';
import type { SubscriptionStatus } from '../subscription/header.ts';
import { card, inState } from '../subscription/testing/states.ts';
import { fact, type Subject } from '../subscription/testing/subject.ts';

/** A row: the subscription in each state (`undefined`: there is no such case), and the fact that it is given. */
export type FactCase = {
  readonly label: string;
  readonly subject: (status: SubscriptionStatus) => Subject | undefined;
  /** A fact that it was given before. */
  readonly before?: (subject: Subject) => PaymentFact;
  readonly fact: (subject: Subject) => PaymentFact;
};

const price = { minor: 100, currency: 'EUR' } as const;
const firstPayment = { id: 'first', amount: { minor: 300, currency: 'EUR' } } as const;
const firstTerm = { start: '2026-06-01T00:00:00.000Z', end: '2027-06-01T00:00:00.000Z' } as const;
const soon = '2099-01-01T00:00:00.000Z';

const settled: readonly FactCase[] = [
  {
    label: 'settled on time (`occurredAt` not after the end of the term)',
    subject: (status) => inState[status](),
    fact: (subject) => fact('settled', onTime(subject), { id: 'renewal' }),
  },
  {
    label: 'settled late',
    subject: (status) => (status === 'pending' || status === 'active' ? undefined : inState[status]()),
    fact: (subject) => fact('settled', subject.now, { id: 'late' }),
  },
  {
    label: 'settled late, recurring billing off',
    subject: (status) =>
      status === 'pending' || status === 'active' ? undefined : inState[status]({ recurringBilling: false }),
    fact: (subject) => fact('settled', subject.now, { id: 'late' }),
  },
  {
    label: 'settled, what is owed for the running term',
    subject: (status) => (status === 'active' || status === 'disabled' ? inArrears(status) : undefined),
    fact: (subject) => fact('settled', subject.now, { id: 'arrears', servicePeriod: firstTerm }),
  },
  {
    label: 'settled, less than is due',
    subject: (status) => inState[status]({ price }),
    fact: (subject) => fact('settled', onTime(subject), { id: 'short', amount: { minor: 1, currency: 'EUR' } }),
  },
];

const failed: readonly FactCase[] = [
  {
    label: 'failed, a retry is left',
    subject: (status) => inState[status](),
    fact: (subject) => fact('failed', beforeEnd(subject), { id: 'renewal', nextAttemptAt: soon }),
  },
  {
    label: 'failed finally',
    subject: (status) => inState[status](),
    fact: (subject) => fact('failed', beforeEnd(subject), { id: 'renewal', nextAttemptAt: null }),
  },
];

const refunded: readonly FactCase[] = [
  {
    label: 'refunded in part',
    subject: paid,
    fact: (subject) => fact('refunded', subject.now, { ...firstPayment, cumulativeRefunded: 1 }),
  },
  {
    label: 'refunded in full, the current term',
    subject: paid,
    fact: (subject) => fact('refunded', subject.now, { ...firstPayment, cumulativeRefunded: 300 }),
  },
  {
    label: 'refunded in full, an old term',
    subject: (status) => (status === 'active' ? inSecondTerm() : undefined),
    fact: (subject) => fact('refunded', subject.now, { ...firstPayment, cumulativeRefunded: 300 }),
  },
];

const dispute = { id: 'dispute', chargeRef: 'first', invoiceRef: 'first' } as const;

const disputed = (label: string, kind: PaymentFactKind): FactCase => ({
  label,
  subject: paid,
  fact: (subject) => fact(kind, subject.now, dispute),
});

const closed = (label: string, kind: PaymentFactKind): FactCase => ({
  ...disputed(label, kind),
  before: (subject) => fact('dispute_opened', subject.now, { ...dispute, eventId: 'opened' }),
});

const disputes: readonly FactCase[] = [
  disputed('dispute, inquiry only', 'dispute_inquiry'),
  disputed('dispute opened', 'dispute_opened'),
  closed('dispute opened there, then won', 'dispute_won'),
  closed('dispute opened there, then lost', 'dispute_lost'),
];

const unreliable: readonly FactCase[] = [
  {
    label: 'contradictory: settled more than five minutes ahead of the clock',
    subject: (status) => inState[status](),
    fact: (subject) => fact('settled', later(subject.now, 6 * 60_000), { id: 'future' }),
  },
  {
    label: 'contradictory: settled in another currency than the price',
    subject: (status) => inState[status]({ price }),
    fact: (subject) => fact('settled', subject.now, { id: 'foreign', amount: { minor: 300, currency: 'USD' } }),
  },
  {
    label: 'the same delivery once more',
    subject: (status) => inState[status](),
    before: (subject) => fact('action_required', subject.now, { id: 'again', eventId: 'evt_1' }),
    fact: (subject) => fact('action_required', subject.now, { id: 'again', eventId: 'evt_1' }),
  },
  {
    label: 'another delivery about the same payment',
    subject: (status) => inState[status](),
    before: (subject) => fact('action_required', subject.now, { id: 'again', eventId: 'evt_1' }),
    fact: (subject) => fact('action_required', subject.now, { id: 'again', eventId: 'evt_2' }),
  },
];

const own: ReadonlySet<PaymentFactKind> = new Set([
  'settled',
  'failed',
  'refunded',
  'dispute_inquiry',
  'dispute_opened',
  'dispute_won',
  'dispute_lost',
]);

/** Every row, each kind of fact at least once. */
export const factCases: readonly FactCase[] = [
  ...settled,
  ...failed,
  ...refunded,
  ...disputes,
  ...paymentFactKinds.filter((kind) => !own.has(kind)).map(plain),
  ...unreliable,
];

function plain(kind: PaymentFactKind): FactCase {
  return {
    label: kind.replaceAll('_', ' '),
    subject: (status) => inState[status](),
    fact: (subject) => fact(kind, subject.now, { id: 'plain' }),
  };
}

/** The last instant at which a payment is on time, moving the clock there while the term runs. */
function onTime(subject: Subject): Instant {
  const { status, termEnd } = subject.header;
  if (termEnd === null || status === 'pending' || status === 'cancelled' || status === 'reactivated')
    return subject.now;
  if (subject.now < termEnd) subject.now = later(termEnd, -1);
  return subject.now < termEnd ? subject.now : termEnd;
}

/** Shortly before the term ends, where one runs: that is when it is charged. */
function beforeEnd(subject: Subject): Instant {
  if (subject.header.status === 'active') onTime(subject);
  return subject.now;
}

/** The first term was paid by one payment; a cancelled or reactivated one is still in it. */
function paid(status: SubscriptionStatus): Subject {
  const start = later('2026-06-01T00:00:00.000Z', status === 'pending' ? 0 : 3_600_000);
  if (status !== 'cancelled' && status !== 'reactivated') {
    const subject = inState[status]({ price });
    if (subject.now < start) subject.now = start;
    subject.pay(fact('settled', start, { ...firstPayment, eventId: 'paid' }));
    return subject;
  }
  const subject = inState.active({ price });
  subject.now = start;
  subject.pay(fact('settled', start, { ...firstPayment, eventId: 'paid' }));
  subject.now = '2026-09-01T00:00:00.000Z';
  subject.accept('cancel-now');
  if (status === 'reactivated') subject.accept('reactivate', { paymentMethod: card });
  return subject;
}

function inSecondTerm(): Subject {
  const subject = paid('active');
  subject.now = '2027-05-01T00:00:00.000Z';
  subject.pay(fact('settled', subject.now, { ...firstPayment, id: 'second' }));
  subject.now = '2027-07-01T00:00:00.000Z';
  return subject;
}

/** The charge for the first term failed; disabled for that a month later. */
function inArrears(status: 'active' | 'disabled'): Subject {
  const subject = inState.active();
  subject.now = '2026-06-01T01:00:00.000Z';
  subject.pay(fact('failed', subject.now, { id: 'arrears', servicePeriod: firstTerm }));
  subject.tick(status === 'active' ? '2026-06-02' : '2026-07-05');
  return subject;
}

function later(at: Instant, ms: number): Instant {
  return new Date(Date.parse(at) + ms).toISOString();
}
