import { lastMessage, readEventMessageHead, streams, type Broker } from '@perennial/broker';
import { UndecodableEventError, type EventStore } from '@perennial/event-store';
import { EventStoreOlderThanPublishedError, LogMismatchError } from './relay-errors.ts';

/** Where publishing goes on: both halves are read from the last message of `EVENTS`; there is no other checkpoint. */
export type RelayCheckpoint = {
  /** Sequence that the next message is chained to. */
  readonly sequence: number;
  /** Position of the last event published; absent: publish from the beginning. */
  readonly after: bigint | undefined;
};

/**
 * Reads the checkpoint and proves that it belongs to this log.
 * @throws LogMismatchError, EventStoreOlderThanPublishedError, EventMessageError: all fatal
 */
export async function readCheckpoint(broker: Broker, store: EventStore, logId: string): Promise<RelayCheckpoint> {
  const end = await lastMessage(broker, streams.events);
  // A purged stream remembers its sequence but holds nothing: everything is published again behind it.
  if (!end.message) return { sequence: end.lastSequence, after: undefined };
  const head = readEventMessageHead(end.message);
  if (head.logId !== logId) throw new LogMismatchError(head.logId, logId);
  if (!(await holds(store, head))) throw new EventStoreOlderThanPublishedError(head);
  return { sequence: end.lastSequence, after: head.position };
}

async function holds(
  store: EventStore,
  published: { readonly stream: string; readonly revision: number; readonly id: string },
): Promise<boolean> {
  try {
    for await (const event of store.readStream(published.stream, { fromRevision: published.revision, maxCount: 1 })) {
      // A bounded stream (attempts-…) may have dropped the event since; that it goes on behind it is proof enough.
      return event.revision > published.revision || event.id === published.id;
    }
  } catch (error) {
    if (error instanceof UndecodableEventError) return error.revision >= published.revision;
    throw error;
  }
  return false;
}
