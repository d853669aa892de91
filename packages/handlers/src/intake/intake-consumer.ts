/**
 * The durable consumer of `PAYMENTS`. Its acknowledgement floor says what is handled; whoever takes intake over makes it
 * anew right behind that floor, because only then are messages delivered in their order again (`notes/nats.md` 3.1).
 *
 * @module
 */
import { isConsumerNotFound, streams, type Broker } from '@perennial/broker';
import { AckPolicy, DeliverPolicy, nanos, type Consumer, type ConsumerInfo } from 'nats';

/** Name of the durable consumer: what the purge sweeper and the barrier look at. */
export const intakeConsumer = 'intake';
/** Remembers the floor while the consumer is being made anew. */
const bookmarkConsumer = 'intake-bookmark';

/** Bounds of the consumer. */
export type IntakeConsumerOptions = {
  /** Messages delivered and not yet acknowledged. */
  readonly unackedCountMax: number;
  /** How long a message may stay unacknowledged without a sign of life. */
  readonly ackWaitMs: number;
};

/** The consumer as this process made it. */
export type OwnedConsumer = {
  readonly consumer: Consumer;
  /** When it was made: another value later means that another process has made it anew. */
  readonly created: string;
};

/** Takes intake over from whoever had it: everything behind the acknowledgement floor is delivered again, in order. */
export async function takeOver(broker: Broker, options: IntakeConsumerOptions): Promise<OwnedConsumer> {
  const { consumers } = broker.jetstreamManager;
  const floor = await acknowledgedFloor(broker);
  // Between deletion and creation a crash would lose the floor, so it is written down first.
  await deleteConsumer(broker, bookmarkConsumer);
  await consumers.add(streams.payments, consumerConfig(bookmarkConsumer, floor, options));
  await deleteConsumer(broker, intakeConsumer);
  const { created } = await consumers.add(streams.payments, consumerConfig(intakeConsumer, floor, options));
  await deleteConsumer(broker, bookmarkConsumer);
  return { consumer: await broker.jetstream.consumers.get(streams.payments, intakeConsumer), created };
}

/** The consumer's state; undefined while there is none. */
export async function intakeInfo(broker: Broker): Promise<ConsumerInfo | undefined> {
  return consumerInfo(broker, intakeConsumer);
}

/** Whether another process has taken over, or somebody deleted the consumer. */
export async function isSuperseded(broker: Broker, { created }: OwnedConsumer): Promise<boolean> {
  return (await intakeInfo(broker))?.created !== created;
}

async function acknowledgedFloor(broker: Broker): Promise<number> {
  const info = (await consumerInfo(broker, intakeConsumer)) ?? (await consumerInfo(broker, bookmarkConsumer));
  if (!info) return 0;
  const { state } = await broker.jetstreamManager.streams.info(streams.payments);
  // A stream that was made anew begins at 1 again: a floor beyond its end would skip payments.
  const floor = Math.max(info.ack_floor.stream_seq, (info.config.opt_start_seq ?? 1) - 1);
  return floor > state.last_seq ? 0 : floor;
}

function consumerConfig(name: string, floor: number, options: IntakeConsumerOptions) {
  return {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: floor + 1,
    ack_wait: nanos(options.ackWaitMs),
    max_ack_pending: options.unackedCountMax,
    // A finite number would skip a payment with nothing but an advisory.
    max_deliver: -1,
  };
}

async function consumerInfo(broker: Broker, name: string): Promise<ConsumerInfo | undefined> {
  try {
    return await broker.jetstreamManager.consumers.info(streams.payments, name);
  } catch (error) {
    if (isConsumerNotFound(error)) return undefined;
    throw error;
  }
}

async function deleteConsumer(broker: Broker, name: string): Promise<void> {
  try {
    await broker.jetstreamManager.consumers.delete(streams.payments, name);
  } catch (error) {
    if (!isConsumerNotFound(error)) throw error;
  }
}
