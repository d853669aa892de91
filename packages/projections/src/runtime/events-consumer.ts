/**
 * Reading `EVENTS` from a sequence on: every message once, in order, no faster than it is written.
 *
 * @module
 */
import { decodeEventMessage, EventMessageError, streams, type Broker } from '@perennial/broker';
import { AckPolicy, DeliverPolicy, nanos, type ConsumerMessages, type JsMsg } from 'nats';
import { randomUUID } from 'node:crypto';
import type { LogItem } from '../projection/log-item.ts';
import { BoundedBuffer } from './bounded-buffer.ts';
import { ofCurrentVersion } from './current-version.ts';

/** A message of `EVENTS`. */
export type ReceivedEvent = {
  readonly item: LogItem;
  readonly logId: string;
  readonly streamSequence: number;
  /** Whether messages before it are missing in `EVENTS` (or may be: it is the first one after attaching). */
  readonly afterGap: boolean;
  /** Messages behind it that were already there when it was delivered. */
  readonly pendingCount: number;
};

/** The consumer lost a message on the way, or the stream under it changed: attach again from the checkpoint. */
export class ConsumerBrokenError extends Error {
  override readonly name = 'ConsumerBrokenError';
  readonly code = 'EVENTS_CONSUMER_BROKEN';
}

/** How `EVENTS` is read. */
export type EventsConsumerOptions = {
  readonly broker: Broker;
  /** First sequence wanted. */
  readonly fromSequence: number;
  /** Messages held in memory. */
  readonly bufferCountMax: number;
};

/** An attached consumer. */
export type EventsConsumer = {
  readonly buffer: BoundedBuffer<ReceivedEvent>;
  /** Whether the server still knows the consumer, and how many messages it has yet to deliver. */
  pending(): Promise<number>;
  stop(): Promise<void>;
};

const inactiveThresholdMs = 60_000;

/** Attaches an ephemeral consumer; its place lives in the database, never in the broker. */
export async function attachToEvents(options: EventsConsumerOptions): Promise<EventsConsumer> {
  const { broker, bufferCountMax } = options;
  const name = `projections-${randomUUID()}`;
  await broker.jetstreamManager.consumers.add(streams.events, {
    name,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(1, options.fromSequence),
    ack_policy: AckPolicy.None,
    inactive_threshold: nanos(inactiveThresholdMs),
    mem_storage: true,
    num_replicas: 1,
  });
  const consumer = await broker.jetstream.consumers.get(streams.events, name);
  const messages = await consumer.consume({
    max_messages: bufferCountMax,
    expires: 5_000,
    idle_heartbeat: 1_000,
    abort_on_missing_resource: true,
  });
  const buffer = new BoundedBuffer<ReceivedEvent>(bufferCountMax);
  const reading = read(messages, buffer);
  return {
    buffer,
    pending: async () => (await broker.jetstreamManager.consumers.info(streams.events, name)).num_pending,
    stop: async () => {
      buffer.end();
      messages.stop();
      await reading;
      // The server forgets it by itself when this request cannot reach it.
      await broker.jetstreamManager.consumers.delete(streams.events, name).catch(() => undefined);
    },
  };
}

async function read(messages: ConsumerMessages, buffer: BoundedBuffer<ReceivedEvent>): Promise<void> {
  let delivered = 0;
  // The last sequence after which nothing is missing for sure; none before the first message.
  let last: number | undefined;
  try {
    for await (const message of messages) {
      const { deliverySequence, streamSequence } = message.info;
      if (deliverySequence !== delivered + 1) {
        throw new ConsumerBrokenError(`delivery ${deliverySequence} of EVENTS came after ${delivered}`);
      }
      delivered = deliverySequence;
      const event = toReceived(message, last === undefined || streamSequence !== last + 1);
      // What is no event of ours may stand where one of ours was: the next one is looked at as after a gap.
      last = event && streamSequence;
      if (event && !(await buffer.put(event))) break;
    }
    buffer.end(new ConsumerBrokenError('the consumer of EVENTS ended'));
  } catch (error) {
    buffer.end(error instanceof Error ? error : new Error(String(error)));
  } finally {
    messages.stop();
  }
}

function toReceived(message: JsMsg, afterGap: boolean): ReceivedEvent | undefined {
  const { streamSequence, pending } = message.info;
  try {
    const { logId, ...decoded } = decodeEventMessage(message);
    const item = decoded.kind === 'event' ? ofCurrentVersion(decoded) : decoded;
    return { item, logId, streamSequence, afterGap, pendingCount: pending };
  } catch (error) {
    if (error instanceof EventMessageError) return undefined;
    throw error;
  }
}
