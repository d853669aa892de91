import type { MsgHdrs } from 'nats';
import type { Broker } from '../connection/broker.ts';
import { isMessageNotFound } from '../errors/questions.ts';

/** A message as the stream keeps it. */
export interface StoredMessage {
  readonly sequence: number;
  readonly subject: string;
  readonly headers: MsgHdrs;
  readonly data: Uint8Array;
  /** When the server stored it. */
  readonly storedAt: Date;
}

/** The end of a stream. */
export interface StreamEnd {
  /** Sequence of the last message ever stored, 0 for a stream that never held one: what the next publish has to expect. */
  readonly lastSequence: number;
  /** That message; missing when it was purged. */
  readonly message?: StoredMessage;
}

/**
 * Reads the end of a stream from its leader (a direct read may be answered by a follower that is behind).
 *
 * The relay's checkpoint is exactly this.
 */
export async function lastMessage(broker: Broker, stream: string): Promise<StreamEnd> {
  const { state } = await broker.jetstreamManager.streams.info(stream);
  if (state.last_seq === 0) return { lastSequence: 0 };
  const message = await storedMessage(broker, stream, state.last_seq);
  return { lastSequence: state.last_seq, ...(message ? { message } : {}) };
}

/** One message by its sequence, from the leader; `undefined` when it is gone. */
export async function storedMessage(
  broker: Broker,
  stream: string,
  sequence: number,
): Promise<StoredMessage | undefined> {
  try {
    const { seq, subject, header, data, time } = await broker.jetstreamManager.streams.getMessage(stream, {
      seq: sequence,
    });
    return { sequence: seq, subject, headers: header, data, storedAt: time };
  } catch (error) {
    if (isMessageNotFound(error)) return undefined;
    throw error;
  }
}
