import type { SubscriptionEvent, SubscriptionEventData, SubscriptionEventType } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';

/** An event of a subscription's stream as the domain folds it. */
export function asSubscriptionEvent({ type, data, id, revision, metadata }: RecordedEvent): SubscriptionEvent {
  // The door has validated `data` against the schema of `type`: the pair is one of the union.
  return {
    type,
    data,
    id,
    revision,
    effectiveAt: metadata.effectiveAt,
    recordedAt: metadata.recordedAt,
    commandId: metadata.commandId,
    actorType: metadata.actor.type,
    ...(metadata.reason === undefined ? {} : { reason: metadata.reason }),
    ...(metadata.commandHash === undefined ? {} : { commandHash: metadata.commandHash }),
    ...(metadata.policy === undefined ? {} : { policy: metadata.policy }),
  } as SubscriptionEvent;
}

/** The data of an event of a subscription when it is of that type. */
export function dataOf<T extends SubscriptionEventType>(
  event: Pick<RecordedEvent, 'type' | 'data'>,
  type: T,
): SubscriptionEventData<T> | undefined {
  // As above: validated by the door.
  return event.type === type ? (event.data as SubscriptionEventData<T>) : undefined;
}

/** A field of the event's data, whatever its type; undefined when it has none. */
export function fieldOf({ data }: Pick<RecordedEvent, 'data'>, name: string): unknown {
  if (typeof data !== 'object' || data === null) return undefined;
  // Any object may be asked for any of its own properties.
  return Object.hasOwn(data, name) ? (data as Readonly<Record<string, unknown>>)[name] : undefined;
}
