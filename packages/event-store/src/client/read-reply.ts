import type { RawEvent } from '../raw-event.ts';
import { readRecordedEvent, type EventOfReply } from './recorded-event.ts';
import { streams } from './generated.ts';

/** What a server sends on a read. */
export type ReadReply =
  | { readonly kind: 'event'; readonly event: RawEvent }
  | { readonly kind: 'checkpoint'; readonly position: bigint }
  | { readonly kind: 'caught-up' }
  | { readonly kind: 'absent' }
  /** Confirmations and whatever newer servers add. */
  | { readonly kind: 'other' };

/**
 * Reads one message, leaving the event's bytes as they are.
 * @throws Error for bytes that are no such message: the call ends with status INTERNAL.
 */
export function readReply(bytes: Buffer): ReadReply {
  const found = readRecordedEvent(bytes);
  return found ? eventReply(found) : otherReply(streams.ReadResp.deserializeBinary(bytes));
}

function eventReply({ event }: EventOfReply): ReadReply {
  // A link whose target is gone.
  return event ? { kind: 'event', event } : { kind: 'other' };
}

function otherReply(message: InstanceType<typeof streams.ReadResp>): ReadReply {
  if (message.hasCheckpoint()) {
    return { kind: 'checkpoint', position: BigInt(message.getCheckpoint()?.getCommitPosition() ?? 0) };
  }
  if (message.hasCaughtUp()) return { kind: 'caught-up' };
  if (message.hasStreamNotFound()) return { kind: 'absent' };
  return { kind: 'other' };
}
