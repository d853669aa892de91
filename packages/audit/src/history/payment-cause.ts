import { paymentStream, parseStream, type PaymentFact, type ProviderEnding } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { refOf } from '../log/log.ts';
import type { StreamMemory } from '../log/stream-memory.ts';
import { fieldOf } from '../log/field-of.ts';
import type { Because } from './because.ts';

/** The payment fact that an event carries, whatever its type. */
export function factOf(event: Pick<RecordedEvent, 'data'>): PaymentFact | undefined {
  // Wherever an event of ours has a `fact`, its schema is that of payment facts.
  return fieldOf(event, 'fact') as PaymentFact | undefined;
}

/** The ending by its provider that an event carries. */
export function endingOf(event: Pick<RecordedEvent, 'data'>): ProviderEnding | undefined {
  // As above: only ProviderEndingParked has an `ending`.
  return fieldOf(event, 'ending') as ProviderEnding | undefined;
}

/** A payment fact as a cause; `event` is what recorded it. */
export function paymentCause(fact: PaymentFact, { metadata }: Pick<RecordedEvent, 'metadata'>): Because {
  return {
    kind: 'payment',
    provider: fact.provider,
    object: fact.providerObjectId,
    providerEventId: fact.providerEventId,
    fact: fact.kind,
    occurredAt: fact.occurredAt,
    receivedAt: fact.receivedAt ?? null,
    amount: fact.amount ?? null,
    message: messageOf(metadata.$causationId),
  };
}

/**
 * The way of a payment that waited in a stream of its own: who or what claimed it, why it had waited, and the payment.
 * Undefined for one that named its subscription: then nothing lies between.
 */
export async function waitingCauses(
  event: RecordedEvent,
  providerEventId: string,
  streams: StreamMemory,
): Promise<readonly Because[] | undefined> {
  const { $causationId } = event.metadata;
  if (!$causationId.startsWith('matched:')) return undefined;
  const steps = await streams.read($causationId.slice('matched:'.length));
  const claim = steps.findLast(({ type, data }) => type === 'PaymentFactMatched' && names(data, providerEventId));
  const arrival = steps.find(
    (step) => (factOf(step) ?? endingOf(step))?.providerEventId === providerEventId && step.type !== 'RefundDueRaised',
  );
  return [
    ...[claim, arrival].flatMap((step) => (step === undefined ? [] : [{ kind: 'event' as const, event: refOf(step) }])),
    ...(arrival === undefined ? [] : causeOfArrival(arrival)),
  ];
}

function names(data: unknown, providerEventId: string): boolean {
  const ids = fieldOf({ data }, 'providerEventIds');
  return Array.isArray(ids) && ids.includes(providerEventId);
}

/** What a stream of payments recorded when it arrived. */
function causeOfArrival(event: RecordedEvent): readonly Because[] {
  const fact = factOf(event);
  if (fact !== undefined) return [paymentCause(fact, event)];
  const ending = endingOf(event);
  if (ending === undefined) return [];
  return [
    {
      kind: 'payment',
      provider: ending.provider,
      object: ending.providerObjectId,
      providerEventId: ending.providerEventId,
      fact: 'ending',
      occurredAt: ending.endedAt,
      receivedAt: ending.receivedAt ?? null,
      amount: null,
      message: messageOf(event.metadata.$causationId),
    },
  ];
}

/** The cause of an event of a `payment-…` stream: the payment, or who claimed it. */
export function causeInPaymentStream(event: RecordedEvent, earlier: readonly RecordedEvent[]): readonly Because[] {
  const arrived = causeOfArrival(event);
  if (arrived.length > 0) return arrived;
  const named = fieldOf(event, 'providerEventId');
  const stream = parseStream(event.stream);
  if (typeof named === 'string' && stream?.kind === 'payment') {
    const first = earlier.find((step) => factOf(step)?.providerEventId === named);
    const cause = first === undefined ? undefined : factOf(first);
    if (first !== undefined && cause !== undefined) return [paymentCause(cause, first)];
  }
  return [];
}

/** `PAYMENTS:<sequence>`: the message of the stream that it came in. */
function messageOf(causationId: string): string | null {
  return causationId.startsWith('PAYMENTS:') ? causationId : null;
}

/** Stream in which the payments of an object wait. */
export function streamOfFact(fact: Pick<PaymentFact, 'provider' | 'providerObjectId'>): string {
  return paymentStream(fact.provider, fact.providerObjectId);
}
