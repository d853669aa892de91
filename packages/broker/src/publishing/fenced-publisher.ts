import type { MsgHdrs, PubAck } from 'nats';
import type { Broker } from '../connection/broker.ts';
import { BrokerError } from '../errors/broker-error.ts';
import { FenceBrokenError, fenceBreakOf, type FenceBreak } from './fence-broken.ts';

/** How a fenced publisher works. */
export interface FencedPublisherOptions {
  readonly broker: Pick<Broker, 'jetstream'>;
  readonly stream: string;
  /** Sequence of the stream's last message; the first publish is stored right after it or not at all. */
  readonly lastSequence: number;
  /** How many messages may be in flight. */
  readonly windowMax?: number;
  /** How long one acknowledgement may take. */
  readonly ackWaitMs?: number;
}

/** A message to publish. */
export interface FencedMessage {
  readonly subject: string;
  /** `Nats-Msg-Id`. */
  readonly id: string;
  readonly data: Uint8Array | string;
  /** Taken over as they are; the publisher adds its own to the same object. */
  readonly headers?: MsgHdrs;
}

/** A pipelined publisher that is the only one to write, or stops. */
export interface FencedPublisher {
  /** Sequence the last acknowledged message got. */
  readonly lastSequence: number;
  readonly inFlight: number;
  /** Why it stopped; `undefined` while the chain holds. */
  readonly broken: FenceBrokenError | undefined;
  /**
   * Sends at once and resolves with the message's sequence. Messages are stored in the order of the calls, without gap
   * or stranger between them. Wait for `ready` first.
   *
   * @throws BrokerError PUBLISH_WINDOW_FULL (nothing was sent); FenceBrokenError once the chain is broken
   */
  publish(message: FencedMessage): Promise<number>;
  /** Resolves when there is room in the window. @throws FenceBrokenError once the chain is broken */
  ready(): Promise<void>;
  /** Resolves when nothing is in flight any more, broken or not. */
  settled(): Promise<void>;
  /** Refuses everything from now on; what is in flight is rejected. */
  close(): void;
}

/**
 * Publishes with a chain of expected sequences (n, n+1, …): two publishers cannot interleave, and a message the stream
 * lost cannot be skipped. The first sign of a break rejects everything in flight.
 *
 * @example
 * const { lastSequence } = await lastMessage(broker, 'EVENTS');
 * const publisher = createFencedPublisher({ broker, stream: 'EVENTS', lastSequence });
 * await publisher.ready();
 * const sequence = publisher.publish({ subject, id, data });
 */
export function createFencedPublisher(options: FencedPublisherOptions): FencedPublisher {
  const { broker, stream } = options;
  const windowMax = options.windowMax ?? 128;
  const ackWaitMs = options.ackWaitMs ?? 2_000;
  const rejections = new Set<(error: FenceBrokenError) => void>();
  let waiting: (() => void)[] = [];
  let next = options.lastSequence;
  let acknowledged = options.lastSequence;
  let inFlight = 0;
  let broken: FenceBrokenError | undefined;

  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  const breakChain = (reason: FenceBreak, detail: string, cause?: unknown): void => {
    broken ??= new FenceBrokenError(stream, reason, detail, { cause });
    for (const reject of rejections) reject(broken);
    rejections.clear();
    wake();
  };
  const accept = (ack: PubAck, expected: number): void => {
    if (ack.duplicate) breakChain('duplicate', `message ${expected} was already stored as ${ack.seq}`);
    else if (ack.seq !== expected) breakChain('unexpected-sequence', `expected ${expected}, was stored as ${ack.seq}`);
    else acknowledged = expected;
  };
  const send = async (message: FencedMessage, expected: number): Promise<void> => {
    inFlight += 1;
    try {
      const ack = await broker.jetstream.publish(message.subject, message.data, {
        msgID: message.id,
        timeout: ackWaitMs,
        expect: { streamName: stream, lastSequence: expected - 1 },
        ...(message.headers ? { headers: message.headers } : {}),
      });
      accept(ack, expected);
    } catch (error) {
      breakChain(fenceBreakOf(error), (error as Error).message, error);
    } finally {
      inFlight -= 1;
      wake();
    }
  };
  const publish = (message: FencedMessage): Promise<number> => {
    if (broken) return Promise.reject(broken);
    if (inFlight >= windowMax) {
      const what = `${windowMax} messages are in flight. Wait for ready() before the next publish.`;
      return Promise.reject(new BrokerError('PUBLISH_WINDOW_FULL', what));
    }
    const expected = (next += 1);
    const result = new Promise<number>((resolve, reject) => {
      rejections.add(reject);
      const finish = async (): Promise<void> => {
        await send(message, expected);
        rejections.delete(reject);
        if (!broken) resolve(expected);
      };
      void finish();
    });
    // The break is reported by every later call too; a caller that only looks at the last message must not crash.
    result.catch(() => undefined);
    return result;
  };
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return {
    get lastSequence() {
      return acknowledged;
    },
    get inFlight() {
      return inFlight;
    },
    get broken() {
      return broken;
    },
    publish,
    ready: async () => {
      await until(() => broken !== undefined || inFlight < windowMax);
      if (broken) throw broken;
    },
    settled: () => until(() => inFlight === 0),
    close: () => breakChain('closed', 'the publisher was closed'),
  };
}
