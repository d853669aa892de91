import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { paymentFactKinds, type PaymentFact } from '../payment/fact.ts';
import type { SubscriptionStatus } from './header.ts';
import { subscriptionStatuses } from './lifecycle.ts';
import { card, inState } from './testing/states.ts';
import { fact, type Subject } from './testing/subject.ts';

const test = suite('every row of domain.md 6.3 in every state');

/** One row of the table: in the order of the seven states, where the fact leads and which reasons there are then. */
type Row = {
  readonly row: string;
  /** Facts and commands at the clock's instant, before the one that counts. */
  readonly before?: (subject: Subject) => void;
  readonly fact: (subject: Subject) => PaymentFact;
  readonly cells: readonly [string, string, string, string, string, string, string];
};

const price = { minor: 100, currency: 'EUR' } as const;
const method = { ...card, token: 'pm_1' };
const noted = 'noted';

/** The first term paid by `first`, 300; a yearly term from 2026-06-01. Cancelled and reactivated from it: inside it. */
function paidIn(status: SubscriptionStatus): Subject {
  if (status === 'cancelled' || status === 'reactivated') {
    const subject = paidIn('active');
    subject.now = '2026-09-01T00:00:00.000Z';
    subject.accept('cancel-now');
    if (status === 'reactivated') subject.accept('reactivate', { paymentMethod: method });
    return subject;
  }
  const subject = inState[status]({ price });
  if (status === 'pending' || status === 'active') subject.now = '2026-06-01T02:00:00.000Z';
  subject.pay(fact('settled', '2026-06-01T01:00', { id: 'first', amount: { minor: 300, currency: 'EUR' } }));
  if (status !== 'deleted') subject.accept('replace-payment-method', { paymentMethod: method });
  return subject;
}

const at =
  (kind: PaymentFact['kind'], more: Parameters<typeof fact>[2]) =>
  (subject: Subject): PaymentFact =>
    fact(kind, subject.now, more);

const opens =
  (id: string) =>
  (subject: Subject): void => {
    subject.pay(fact('dispute_opened', subject.now, { id, eventId: `opened ${id}` }));
  };

const first = { id: 'first', amount: { minor: 300, currency: 'EUR' } } as const;
const next = { id: 'next', amount: { minor: 300, currency: 'EUR' } } as const;

const rows: readonly Row[] = [
  {
    row: 'settled at the clock',
    fact: at('settled', next),
    cells: [
      'pending: parked',
      'active: renewed',
      'active: reactivated confirmed',
      'active: reactivated confirmed',
      'cancelled: credit',
      'active: confirmed',
      'deleted {grace_elapsed}: refund_due',
    ],
  },
  {
    row: 'settled on time, known late',
    // While cancelled or reactivated: before the cancellation, which then gives back the term that it paid.
    fact: (subject) =>
      fact('settled', subject.now < '2027' ? '2026-06-01T01:30' : '2027-05-31T23:59:30', {
        ...next,
        eventId: 'on time',
      }),
    cells: [
      'pending: parked',
      'active: renewed',
      'active: renewal renewed',
      'active: renewal renewed',
      'cancelled: renewal renewed',
      'reactivated: renewal renewed reactivated',
      'deleted {grace_elapsed}: refund_due',
    ],
  },
  {
    row: 'settled, less than is due',
    fact: at('settled', { ...next, amount: { minor: 200, currency: 'EUR' } }),
    cells: [
      'pending: parked',
      'active: balance',
      'expired: credit',
      'disabled {grace_elapsed}: credit',
      'cancelled: credit',
      'reactivated: balance',
      'deleted {grace_elapsed}: refund_due',
    ],
  },
  {
    row: 'refund, the rest of it by a second refund',
    before: (subject) =>
      void subject.pay(at('refunded', { ...first, eventId: 'part', cumulativeRefunded: 100 })(subject)),
    fact: at('refunded', { ...first, eventId: 'rest', cumulativeRefunded: 300 }),
    cells: ['pending: refund', 'cancelled: refund', noted, noted, noted, 'cancelled: reactivation failed', noted],
  },
  {
    row: 'refund, told before its payment',
    before: (subject) => void subject.pay(at('refunded', { ...next, cumulativeRefunded: 300 })(subject)),
    fact: at('settled', next),
    cells: [
      'pending: parked refund',
      'active: renewed undone',
      'cancelled: reactivated confirmed refund',
      'cancelled: reactivated confirmed refund',
      'cancelled: credit',
      'cancelled: confirmed refund',
      'deleted {grace_elapsed}: refund_due',
    ],
  },
  {
    row: 'failed, retry left',
    fact: at('failed', { ...next, nextAttemptAt: '2099-01-01T00:00:00.000Z' }),
    cells: [noted, 'active: past_due', 'expired: charge_failed', noted, noted, noted, noted],
  },
  {
    row: 'failed (final)',
    fact: at('failed', { ...next, nextAttemptAt: null }),
    cells: [
      'pending: final_failure',
      'active: past_due',
      'expired: charge_failed',
      'disabled {grace_elapsed}: final_failure',
      'cancelled: final_failure',
      'cancelled: reactivation failed',
      'deleted {grace_elapsed}: final_failure',
    ],
  },
  {
    row: 'action_required',
    fact: at('action_required', { id: 'next' }),
    cells: [
      'pending: action_required',
      'active: action_required',
      noted,
      noted,
      noted,
      'reactivated: action_required',
      noted,
    ],
  },
  {
    row: 'voided, nothing paid or owed',
    fact: at('voided', { id: 'next' }),
    cells: [noted, noted, noted, noted, noted, noted, noted],
  },
  {
    row: 'refund, partial',
    fact: at('refunded', { ...first, cumulativeRefunded: 100 }),
    cells: [noted, noted, noted, noted, noted, noted, noted],
  },
  {
    row: 'refund, full, of current term',
    fact: at('refunded', { ...first, cumulativeRefunded: 300 }),
    cells: ['pending: refund', 'cancelled: refund', noted, noted, noted, 'cancelled: reactivation failed', noted],
  },
  {
    row: 'voided after it was paid: as a full refund',
    fact: at('voided', first),
    cells: ['pending: refund', 'cancelled: refund', noted, noted, noted, 'cancelled: reactivation failed', noted],
  },
  {
    row: 'dispute inquiry',
    fact: at('dispute_inquiry', { id: 'dp_1' }),
    cells: [noted, noted, noted, noted, noted, noted, noted],
  },
  {
    row: 'dispute opened',
    fact: at('dispute_opened', { id: 'dp_1' }),
    cells: [
      'disabled {chargeback}: dispute_opened',
      'active {chargeback}: dispute_opened',
      'disabled {chargeback}: dispute_opened',
      'disabled {grace_elapsed chargeback}: dispute_opened',
      'cancelled {chargeback}: dispute_opened',
      'cancelled {chargeback}: dispute_opened reactivation failed',
      noted,
    ],
  },
  {
    row: 'dispute won, opened here',
    before: opens('dp_1'),
    fact: at('dispute_won', { id: 'dp_1' }),
    cells: [
      'pending: dispute_won',
      'active: dispute_won',
      'disabled: dispute_won',
      'disabled {grace_elapsed}: dispute_won',
      'cancelled: dispute_won',
      'cancelled: dispute_won',
      noted,
    ],
  },
  {
    row: 'dispute won, while another one is open',
    before: (subject) => {
      opens('dp_1')(subject);
      opens('dp_2')(subject);
    },
    fact: at('dispute_won', { id: 'dp_1' }),
    cells: [
      'disabled {chargeback}: dispute_won',
      'active {chargeback}: dispute_won',
      'disabled {chargeback}: dispute_won',
      'disabled {grace_elapsed chargeback}: dispute_won',
      'cancelled {chargeback}: dispute_won',
      'cancelled {chargeback}: dispute_won',
      noted,
    ],
  },
  {
    row: 'dispute won, never opened',
    fact: at('dispute_won', { id: 'dp_1' }),
    cells: [noted, noted, noted, noted, noted, noted, noted],
  },
  {
    row: 'dispute lost',
    fact: at('dispute_lost', { id: 'dp_1' }),
    cells: [
      'disabled {chargeback}: dispute_lost',
      'disabled {chargeback}: dispute_lost',
      'expired {chargeback}: dispute_lost',
      'disabled {grace_elapsed chargeback}: dispute_lost',
      'cancelled {chargeback}: dispute_lost',
      'disabled {chargeback}: dispute_lost',
      noted,
    ],
  },
  {
    row: 'method updated, of the method in use',
    fact: at('method_updated', { id: 'pm_1', paymentMethod: { expires: '2031-03' } }),
    cells: [
      'pending: method_updated',
      'active: method_updated',
      'expired: method_updated',
      'disabled {grace_elapsed}: method_updated',
      'cancelled: method_updated',
      'reactivated: method_updated',
      noted,
    ],
  },
  {
    row: 'method updated, of another method',
    fact: at('method_updated', { id: 'pm_2', paymentMethod: { expires: '2031-03' } }),
    cells: [noted, noted, noted, noted, noted, noted, noted],
  },
  {
    row: 'ended by the provider',
    fact: at('ended', { id: 'sub_1' }),
    cells: ['pending: ended', 'cancelled: ended', noted, noted, noted, 'cancelled: ended', noted],
  },
  {
    row: 'linked',
    fact: at('linked', { id: 'first', paymentRef: 'pi_1' }),
    cells: [noted, noted, noted, noted, noted, noted, noted],
  },
];

const shown: Readonly<Record<string, string>> = {
  SubscriptionRenewed: 'renewed',
  RenewalUndone: 'undone',
  SubscriptionReactivated: 'reactivated',
  ReactivationConfirmed: 'confirmed',
  ReactivationFailed: 'reactivation failed',
};

/** What the fact did: its reading and what it led to, or `noted` when it did nothing. */
function cell({ before, fact: make }: Row, status: SubscriptionStatus): string {
  const subject = paidIn(status);
  before?.(subject);
  const { revision: _, ...was } = subject.header;
  const from = subject.log.length;
  subject.pay(make(subject));
  const { revision: __, ...header } = subject.header;
  const told = subject.log.slice(from).flatMap((event) => {
    if (event.type === 'PaymentFactRecorded') return [event.data.effect];
    return shown[event.type] ?? [];
  });
  if (told.join() === 'noted') {
    assert.equal(header, was, 'what is noted changes nothing');
    return noted;
  }
  const reasons = header.disabledReasons.length > 0 ? ` {${header.disabledReasons.join(' ')}}` : '';
  return `${header.status}${reasons}: ${told.join(' ')}`;
}

for (const row of rows) {
  test(row.row, () => {
    assert.equal(
      subscriptionStatuses.map((status) => `${status}: ${cell(row, status)}`),
      row.cells.map((expected, index) => `${subscriptionStatuses[index]}: ${expected}`),
    );
  });
}

test('every kind of fact has a row', () => {
  const seen = new Set(rows.map(({ fact: make }) => make(inState.active()).kind));
  assert.equal([...seen].sort(), [...paymentFactKinds].sort());
});

test('a fact of any kind is taken once, in every state', () => {
  for (const row of rows) {
    for (const status of subscriptionStatuses) {
      const subject = paidIn(status);
      row.before?.(subject);
      const payment = row.fact(subject);
      subject.pay(payment);
      const outcome = (again: PaymentFact): unknown => {
        const decision = subject.pay(again);
        return [decision.kind, 'outcome' in decision ? decision.outcome : undefined];
      };
      assert.equal(outcome(payment), ['repeated', 'DUPLICATE_TRANSPORT'], `${row.row}, ${status}`);
      assert.equal(
        outcome({ ...payment, providerEventId: 'zzz another delivery' }),
        ['nothing', 'DUPLICATE_EFFECT'],
        `${row.row}, ${status}`,
      );
    }
  }
});

test.run();
