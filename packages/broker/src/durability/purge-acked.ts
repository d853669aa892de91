import type { Broker } from '../connection/broker.ts';
import { isConsumerNotFound, isMessageNotFound } from '../errors/questions.ts';
import { streams } from '../naming/subjects.ts';
import { ackFloorOf } from './ack-floor.ts';

/** What may be purged. */
export interface PurgeAckedOptions {
  /** The durable consumer whose acknowledgements count. */
  readonly consumer: string;
  /** The stream; `PAYMENTS` by default. */
  readonly stream?: string;
  /** Only messages the server stored longer ago than this; 30 days by default. */
  readonly olderThanMs?: number;
  /** The server's clock decides what is old: real time, never the virtual clock. */
  readonly now: Date;
}

/** What a sweep did. */
export interface PurgeReport {
  /** How many messages were removed. */
  readonly purged: number;
  /** Every remaining message has this sequence or a higher one. */
  readonly firstSequence: number;
}

const thirtyDaysMs = 30 * 24 * 60 * 60 * 1000;

/**
 * Removes messages that are both handled (at or below the consumer's acknowledgement floor) and old. Without the consumer
 * nothing is removed.
 */
export async function purgeAcked(broker: Broker, options: PurgeAckedOptions): Promise<PurgeReport> {
  const stream = options.stream ?? streams.payments;
  const { streams: api } = broker.jetstreamManager;
  // An empty stream says 0, which no message ever has.
  const first = Math.max(1, (await api.info(stream)).state.first_seq);
  const floor = await ackFloor(broker, stream, options.consumer);
  const before = options.now.getTime() - (options.olderThanMs ?? thirtyDaysMs);
  const keepFrom = await firstYoung(broker, { stream, first, beyond: floor + 1, before });
  if (keepFrom <= first) return { purged: 0, firstSequence: first };
  const { purged } = await api.purge(stream, { seq: keepFrom });
  return { purged, firstSequence: keepFrom };
}

async function ackFloor(broker: Broker, stream: string, consumer: string): Promise<number> {
  try {
    return ackFloorOf(await broker.jetstreamManager.consumers.info(stream, consumer));
  } catch (error) {
    if (isConsumerNotFound(error)) return 0;
    throw error;
  }
}

/** Halves [first, beyond): everything left of the answer was stored before the instant. A message that is gone is old. */
async function firstYoung(
  broker: Broker,
  range: { stream: string; first: number; beyond: number; before: number },
): Promise<number> {
  let [low, high] = [range.first, range.beyond];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const storedAt = await storedAtMs(broker, range.stream, middle);
    if (storedAt === undefined || storedAt < range.before) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function storedAtMs(broker: Broker, stream: string, sequence: number): Promise<number | undefined> {
  try {
    const { time } = await broker.jetstreamManager.streams.getMessage(stream, { seq: sequence });
    return time.getTime();
  } catch (error) {
    if (isMessageNotFound(error)) return undefined;
    throw error;
  }
}
