import {
  parseStream,
  type PaymentFact,
  type SubscriptionEvent,
  type SubscriptionEventData,
  type SubscriptionEventType,
} from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';

/** Streams of subscriptions. */
export const subscriptionPrefix = 'subscription-';

/** An event of a subscription stream as the domain folds it. */
export function toSubscriptionEvent(event: RecordedEvent): SubscriptionEvent {
  const { metadata } = event;
  // The door has validated `data` against the schema of `type`: the pair is one of the union.
  return {
    type: event.type,
    data: event.data,
    id: event.id,
    revision: event.revision,
    effectiveAt: metadata.effectiveAt,
    recordedAt: metadata.recordedAt,
    commandId: metadata.commandId,
    actorType: metadata.actor.type,
    ...(metadata.reason === undefined ? {} : { reason: metadata.reason }),
    ...(metadata.commandHash === undefined ? {} : { commandHash: metadata.commandHash }),
    ...(metadata.policy === undefined ? {} : { policy: metadata.policy }),
  } as SubscriptionEvent;
}

/** The data of an event when it is of that type. */
export function dataOf<T extends SubscriptionEventType>(
  event: RecordedEvent,
  type: T,
): SubscriptionEventData<T> | undefined {
  // As above: validated by the door.
  return event.type === type ? (event.data as SubscriptionEventData<T>) : undefined;
}

/** Whose subscription an event is about. */
export function tenantOf({ stream }: RecordedEvent): string {
  const named = parseStream(stream);
  if (named?.kind !== 'subscription') throw new Error(`${stream} is not the name of a subscription's stream`);
  return named.tenant;
}

/** The payment fact that an event carries, whatever its type. */
export function factOf(event: RecordedEvent): PaymentFact | undefined {
  // As above: wherever an event of a subscription has a `fact`, its schema is that of payment facts.
  return (event.data as { readonly fact?: PaymentFact }).fact;
}
