import { parseStream, type PaymentEventData } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import type { InboxStatus } from '../queries/types.ts';
import { toPaymentEvent } from './payment-event.ts';

/** A fact in the inbox. */
export type InboxFact = {
  readonly providerEventId: string;
  readonly status: InboxStatus;
  readonly reason: string;
  readonly receivedAt: string;
  readonly subscriptionRef: string | null;
  /** Whether the subscription has taken it in; says something only of a matched fact. */
  readonly applied: boolean;
};

/** One object of a provider and the facts about it that waited. */
export type Payment = {
  readonly provider: string;
  readonly object: string;
  readonly facts: readonly InboxFact[];
  readonly matchedTo: { readonly tenant: string; readonly subscriptionId: string } | null;
};

/** Where a payment as a whole stands: the most urgent of its facts. */
export type PaymentStatus = 'parked' | 'matched' | 'quarantined' | 'done';

/** The payment after an event of its stream; the same object when nothing changed. */
export function evolvePayment(payment: Payment | null, event: RecordedEvent): Payment {
  const before = payment ?? emptyPayment(event.stream);
  const { type, data } = toPaymentEvent(event);
  switch (type) {
    case 'PaymentFactParked':
      return withLine(before, { ...data.fact, ...data, status: 'parked' });
    case 'ProviderEndingParked':
      return withLine(before, { ...data.ending, ...data, status: 'parked' });
    case 'PaymentFactQuarantined':
      return withLine(before, { ...data.fact, ...data, status: 'quarantined' });
    case 'PaymentFactMatched': {
      const matched = changed(before, data.providerEventIds, { status: 'matched', applied: false });
      return { ...matched, matchedTo: data.subscription };
    }
    case 'PaymentFactApplied':
      return changed(before, data.providerEventIds, { applied: true });
    case 'DuplicateObserved':
      return withDuplicate(before, data, event);
    case 'RefundDueRaised': {
      const withRefund = withLine(before, { ...data.fact, ...data, status: 'refund_due', reason: 'REFUND_DUE' });
      return { ...withRefund, matchedTo: data.subscription };
    }
    case 'ProviderEventStored':
      break;
  }
  return before;
}

/** The status that the payment is found by. */
export function statusOf(payment: Payment): PaymentStatus {
  const has = (status: InboxStatus): boolean => payment.facts.some((fact) => fact.status === status);
  if (has('parked')) return 'parked';
  if (payment.facts.some((fact) => fact.status === 'matched' && !fact.applied)) return 'matched';
  return has('quarantined') ? 'quarantined' : 'done';
}

function emptyPayment(stream: string): Payment {
  const named = parseStream(stream);
  if (named?.kind !== 'payment') throw new Error(`${stream} is not the stream of a payment`);
  return { provider: named.provider, object: named.object, facts: [], matchedTo: null };
}

type Line = {
  readonly providerEventId: string;
  readonly status: InboxStatus;
  readonly reason: string;
  readonly receivedAt: string;
  readonly subscriptionRef?: string | undefined;
};

/** One line per delivery; a later event about it replaces the line. */
function withLine(payment: Payment, line: Line): Payment {
  const { providerEventId, status, reason, receivedAt, subscriptionRef = null } = line;
  const others = payment.facts.filter(
    (fact) => fact.providerEventId !== providerEventId || fact.status === 'duplicate',
  );
  const applied = status === 'refund_due';
  return { ...payment, facts: [...others, { providerEventId, status, reason, receivedAt, subscriptionRef, applied }] };
}

/** A delivery that came again is one line, however often it comes. */
function withDuplicate(payment: Payment, data: PaymentEventData<'DuplicateObserved'>, event: RecordedEvent): Payment {
  const { providerEventId, level, subscription: named } = data;
  const original = payment.facts.find((fact) => fact.providerEventId === providerEventId);
  const reason = level === 'transport' ? 'DUPLICATE_TRANSPORT' : 'DUPLICATE_EFFECT';
  const known = payment.facts.some(
    (fact) => fact.status === 'duplicate' && fact.providerEventId === providerEventId && fact.reason === reason,
  );
  if (known) return payment;
  const line: InboxFact = {
    providerEventId,
    status: 'duplicate',
    reason,
    receivedAt: data.receivedAt ?? event.metadata.recordedAt,
    // Most duplicates of a payment that went straight to its subscription have no original in this stream.
    subscriptionRef: original?.subscriptionRef ?? (named ? `${named.tenant}/${named.subscriptionId}` : null),
    applied: false,
  };
  return { ...payment, facts: [...payment.facts, line] };
}

function changed(payment: Payment, providerEventIds: readonly string[], change: Partial<InboxFact>): Payment {
  const concerned = new Set(providerEventIds);
  const facts = payment.facts.map((fact) =>
    concerned.has(fact.providerEventId) && fact.status !== 'duplicate' ? { ...fact, ...change } : fact,
  );
  return { ...payment, facts };
}
