import type { Instant } from '../instant.ts';
import type { SubscriptionEvent, SubscriptionEventData, SubscriptionEventType } from './events.ts';

/** An event as the event store's door reads it, as far as folding needs it: structurally its `RecordedEvent`. */
export type RecordedSubscriptionEvent = {
  readonly type: string;
  readonly data: unknown;
  readonly id: string;
  readonly revision: number;
  readonly metadata: {
    readonly effectiveAt: Instant;
    readonly recordedAt: Instant;
    readonly commandId: string;
    readonly actor: { readonly type: string };
    readonly reason?: string | undefined;
    readonly commandHash?: string | undefined;
    readonly policy?: string | undefined;
  };
};

/** An event of a subscription's stream as the domain folds it. */
export function asSubscriptionEvent({
  type,
  data,
  id,
  revision,
  metadata,
}: RecordedSubscriptionEvent): SubscriptionEvent {
  const { reason, commandHash, policy } = metadata;
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
    ...(reason === undefined ? {} : { reason }),
    ...(commandHash === undefined ? {} : { commandHash }),
    ...(policy === undefined ? {} : { policy }),
  } as SubscriptionEvent;
}

/** The data of an event of a subscription when it is of that type. */
export function dataOf<T extends SubscriptionEventType>(
  event: Pick<RecordedSubscriptionEvent, 'type' | 'data'>,
  type: T,
): SubscriptionEventData<T> | undefined {
  // As above: validated by the door.
  return event.type === type ? (event.data as SubscriptionEventData<T>) : undefined;
}
