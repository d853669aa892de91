/**
 * Follows `EVENTS` from the checkpoint. What is missing there is read from the log: before the first message, wherever
 * sequences are not contiguous, and when the log has events that `EVENTS` does not bring.
 *
 * @module
 */
import { isStreamNotFound, streams, type Broker } from '@perennial/broker';
import { attachToEvents, ConsumerBrokenError, type EventsConsumer, type ReceivedEvent } from './events-consumer.ts';
import type { EventStore } from '@perennial/event-store';
import type { Logger, ReadClock } from '../ports.ts';
import type { ProjectionMetrics } from './metrics.ts';
import type { SetWriter } from './set-writer.ts';

/** What following needs. */
export type FollowOptions = {
  readonly broker: Broker;
  readonly store: Pick<EventStore, 'lastPosition'>;
  readonly writer: SetWriter;
  readonly logId: string;
  readonly logger: Logger;
  readonly metrics: ProjectionMetrics;
  /** Default: the machine's. */
  readonly clock?: ReadClock;
  readonly batchCountMax: number;
  readonly lingerMs: number;
  readonly idleCheckMs: number;
  readonly signal: AbortSignal;
  /** Runs a write while nobody else works on the set. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
};

const loudHealingCountMin = 10;

/** Which `EVENTS` there is. */
export type StreamPlace = { readonly created: string; readonly lastSequence: number };

/**
 * Follows until `signal` aborts (then it returns), or until it has to attach anew (then it throws).
 * @throws ConsumerBrokenError and whatever broker, log or database throw
 */
export async function followEvents(options: FollowOptions): Promise<void> {
  const place = await placeOf(options.broker);
  if (place === undefined) return followLogOnly(options);
  const { checkpoint } = options.writer;
  const resumes = place.created === checkpoint.streamCreated && place.lastSequence >= checkpoint.streamSequence;
  const consumer = await attachToEvents({
    broker: options.broker,
    fromSequence: resumes ? checkpoint.streamSequence + 1 : 1,
    bufferCountMax: options.batchCountMax * 2,
  });
  const stop = (): void => consumer.buffer.end();
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    await takeAll(options, consumer, place);
  } finally {
    options.signal.removeEventListener('abort', stop);
    await consumer.stop();
  }
}

async function takeAll(options: FollowOptions, consumer: EventsConsumer, place: StreamPlace): Promise<void> {
  const { buffer } = consumer;
  let silentChecks = 0;
  while (!options.signal.aborted) {
    const batch = await buffer.take(options.batchCountMax, options.idleCheckMs);
    if (batch === undefined) {
      silentChecks += 1;
      await checkSilence(options, consumer, place, silentChecks);
      continue;
    }
    silentChecks = 0;
    if ((batch.at(-1)?.pendingCount ?? 0) > 0) await buffer.fill(batch, options.batchCountMax, options.lingerMs);
    await options.exclusively(() => writeBatch(options, batch, place.created));
  }
}

/** Writes received events in order; where messages are missing, first what the log has in their place. */
async function writeBatch(options: FollowOptions, batch: readonly ReceivedEvent[], created: string): Promise<void> {
  const { writer, metrics } = options;
  const foreign = batch.find((received) => received.logId !== options.logId);
  if (foreign) {
    throw new ConsumerBrokenError(
      `EVENTS holds events of log ${foreign.logId}, this is log ${options.logId}; purge EVENTS, or point to its event store`,
    );
  }
  let contiguous: ReceivedEvent[] = [];
  for (const received of batch) {
    if (received.afterGap) {
      await writeContiguous(writer, contiguous, created);
      contiguous = [];
      await heal(options, received.item.event.position);
    }
    contiguous.push(received);
  }
  await writeContiguous(writer, contiguous, created);
  const last = batch.at(-1);
  if (last === undefined) return;
  metrics.gauge('projection_lag_events', last.pendingCount);
  const { event, kind } = last.item;
  if (kind === 'event') {
    const now = options.clock ? Date.parse(options.clock.now()) : Date.now();
    metrics.observe('projection_lag_seconds', Math.max(0, now - Date.parse(event.metadata.recordedAt)) / 1000);
  }
}

async function writeContiguous(writer: SetWriter, events: readonly ReceivedEvent[], created: string): Promise<void> {
  const last = events.at(-1);
  if (last === undefined) return;
  const items = events.map(({ item }) => item);
  await writer.write(items, { streamSequence: last.streamSequence, streamCreated: created });
}

/** Reads from the log what lies between the watermark and an event; normally nothing. */
async function heal(options: FollowOptions, before?: bigint): Promise<number> {
  const { writer, metrics, logger } = options;
  if (before !== undefined && before <= writer.checkpoint.position) return 0;
  const from = writer.checkpoint.position;
  const count = await writer.catchUpFromLog(before, { signal: options.signal });
  if (count === 0) return 0;
  metrics.count('gaps_healed_total', { by: 'log' });
  metrics.count('projection_events_healed_total', {}, count);
  const context = { count, from: from.toString() };
  // A stream with many small holes would drown the log; the counters tell.
  if (count < loudHealingCountMin) logger.debug(context, 'events were missing in EVENTS and were read from the log');
  else logger.warn(context, 'events were missing in EVENTS and were read from the log');
  return count;
}

/** Nothing came for a while: is that so, or is the stream gone, another one, or behind the log? */
async function checkSilence(
  options: FollowOptions,
  consumer: EventsConsumer,
  place: StreamPlace,
  silentChecks: number,
): Promise<void> {
  const now = await placeOf(options.broker);
  if (now?.created !== place.created) throw new ConsumerBrokenError('EVENTS is gone or was created anew');
  if (now.lastSequence < options.writer.checkpoint.streamSequence) {
    throw new ConsumerBrokenError('EVENTS ends before what was already taken from it');
  }
  const pending = await consumer.pending();
  if (pending > 0 && silentChecks > 1) throw new ConsumerBrokenError(`${pending} messages of EVENTS are not delivered`);
  // The relay is given one more check's time before its work is done for it.
  if (silentChecks > 1 && (await isBehindLog(options))) await options.exclusively(() => heal(options));
}

async function isBehindLog({ store, writer }: FollowOptions): Promise<boolean> {
  const last = await store.lastPosition();
  return last !== undefined && last > writer.checkpoint.position;
}

/** There is no `EVENTS` at all: the log alone still makes complete read models. */
async function followLogOnly(options: FollowOptions): Promise<void> {
  await options.exclusively(() => heal(options));
  throw new ConsumerBrokenError('EVENTS does not exist; read models follow the log until it does');
}

/** Which `EVENTS` there is; undefined when there is none. */
export async function placeOf(broker: Broker): Promise<StreamPlace | undefined> {
  try {
    const { created, state } = await broker.jetstreamManager.streams.info(streams.events);
    return { created: created, lastSequence: state.last_seq };
  } catch (error) {
    if (isStreamNotFound(error)) return undefined;
    throw error;
  }
}
