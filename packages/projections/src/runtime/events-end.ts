import { lastMessage, readEventMessageHead, streams, type Broker } from '@perennial/broker';
import type { Checkpoint } from '../set/checkpoint.ts';
import { placeOf } from './follow-events.ts';

/** The last message of `EVENTS`: everything up to `position` is in front of it. */
export type EventsEnd = Pick<Checkpoint, 'position' | 'streamSequence' | 'streamCreated'>;

/**
 * Where a set that was filled from the log attaches to `EVENTS`, once it is at `position` itself: looked up *before* the
 * filling, so that what is read from both overlaps and nothing falls between. Undefined when `EVENTS` is empty, absent or
 * of another log: then attaching begins at its first message.
 */
export async function endOfEvents(broker: Broker, logId: string): Promise<EventsEnd | undefined> {
  const place = await placeOf(broker);
  if (place === undefined) return undefined;
  const { message } = await lastMessage(broker, streams.events);
  if (message === undefined) return undefined;
  const head = readEventMessageHead(message);
  if (head.logId !== logId) return undefined;
  return { position: head.position, streamSequence: message.sequence, streamCreated: place.created };
}
