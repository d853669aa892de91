import { headers as newHeaders, type MsgHdrs, type PubAck } from 'nats';
import type { Broker } from '../connection/broker.ts';
import { BrokerError } from '../errors/broker-error.ts';
import { openAckInbox, type AckInbox } from './ack-inbox.ts';
import { FenceBrokenError, fenceBreakOf, type FenceBreak } from './fence-broken.ts';

/** How a fenced publisher works. */
export interface FencedPublisherOptions {
  readonly broker: Pick<Broker, 'connection' | 'inboxPrefix'>;
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
   * Sends at the end of this turn of the event loop and resolves with the message's sequence. Messages are stored in the order of the calls, without gap
   * or stranger between them. Wait for `ready` first.
   *
   * @throws BrokerError PUBLISH_WINDOW_FULL (nothing was sent); FenceBrokenError once the chain is broken
   */
  publish(message: FencedMessage): Promise<number>;
  /** Resolves when there is room in the window. @throws FenceBrokenError once the chain is broken */
  ready(): Promise<void>;
  /** Resolves when nothing is in flight any more, broken or not. */
  settled(): Promise<void>;
  /** Refuses everything from now on; what is in flight is rejected. Call it when the publisher is no longer needed. */
  close(): void;
}

/**
 * Publishes with a chain of expected sequences (n, n+1, …), each message also naming the one before it by its id: the
 * sequences alone would let the second message of a rival's window take the place after a first one that was not the
 * rival's. So two publishers cannot interleave, and a message the stream lost cannot be skipped. The first sign of a break
 * rejects everything in flight.
 *
 * @example
 * const { lastSequence } = await lastMessage(broker, 'EVENTS');
 * const publisher = createFencedPublisher({ broker, stream: 'EVENTS', lastSequence });
 * await publisher.ready();
 * const sequence = publisher.publish({ subject, id, data });
 */
export function createFencedPublisher(options: FencedPublisherOptions): FencedPublisher {
  return new ChainedPublisher(options);
}

class ChainedPublisher implements FencedPublisher {
  readonly #stream: string;
  readonly #windowMax: number;
  readonly #inbox: AckInbox;
  readonly #rejections = new Set<(error: FenceBrokenError) => void>();
  #waiting: (() => void)[] = [];
  #next: number;
  #acknowledged: number;
  #previousId: string | undefined;
  #inFlight = 0;
  #broken: FenceBrokenError | undefined;

  constructor(options: FencedPublisherOptions) {
    this.#stream = options.stream;
    this.#windowMax = options.windowMax ?? 128;
    this.#inbox = openAckInbox(options.broker, options.ackWaitMs ?? 2_000);
    this.#next = options.lastSequence;
    this.#acknowledged = options.lastSequence;
  }

  get lastSequence(): number {
    return this.#acknowledged;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get broken(): FenceBrokenError | undefined {
    return this.#broken;
  }

  publish(message: FencedMessage): Promise<number> {
    if (this.#broken) return Promise.reject(this.#broken);
    if (this.#inFlight >= this.#windowMax) {
      const what = `${this.#windowMax} messages are in flight. Wait for ready() before the next publish.`;
      return Promise.reject(new BrokerError('PUBLISH_WINDOW_FULL', what));
    }
    const result = this.#send(message, (this.#next += 1));
    // The break is reported by every later call too; a caller that only looks at the last message must not crash.
    result.catch(() => undefined);
    return result;
  }

  async ready(): Promise<void> {
    while (!this.#broken && this.#inFlight >= this.#windowMax) await this.#change();
    if (this.#broken) throw this.#broken;
  }

  async settled(): Promise<void> {
    while (this.#inFlight > 0) await this.#change();
  }

  close(): void {
    this.#break('closed', 'the publisher was closed');
  }

  #send(message: FencedMessage, expected: number): Promise<number> {
    const headers = fencedHeaders(message, this.#stream, expected - 1, this.#previousId);
    this.#previousId = message.id;
    return new Promise((resolve, reject) => {
      this.#inFlight += 1;
      this.#rejections.add(reject);
      this.#inbox.publish({
        subject: message.subject,
        data: message.data,
        headers,
        settle: (outcome) => {
          this.#inFlight -= 1;
          this.#judge(outcome, expected);
          this.#rejections.delete(reject);
          if (!this.#broken) resolve(expected);
          this.#wake();
        },
      });
    });
  }

  #judge(outcome: PubAck | Error, expected: number): void {
    if (outcome instanceof Error) this.#break(fenceBreakOf(outcome), outcome.message, outcome);
    else if (outcome.duplicate) this.#break('duplicate', `message ${expected} was already stored as ${outcome.seq}`);
    else if (outcome.seq !== expected) this.#break('unexpected-sequence', `${expected} was stored as ${outcome.seq}`);
    else if (!this.#broken) this.#acknowledged = expected;
  }

  #break(reason: FenceBreak, detail: string, cause?: unknown): void {
    this.#broken ??= new FenceBrokenError(this.#stream, reason, detail, { cause });
    for (const reject of this.#rejections) reject(this.#broken);
    this.#rejections.clear();
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    // Late acknowledgements still arrive on the inbox; with none left to come it is of no use.
    if (this.#broken && this.#inFlight === 0) this.#inbox.close();
    const woken = this.#waiting;
    this.#waiting = [];
    for (const resolve of woken) resolve();
  }
}

function fencedHeaders(
  message: FencedMessage,
  stream: string,
  lastSequence: number,
  previousId: string | undefined,
): MsgHdrs {
  const headers = message.headers ?? newHeaders();
  headers.set('Nats-Msg-Id', message.id);
  headers.set('Nats-Expected-Stream', stream);
  headers.set('Nats-Expected-Last-Sequence', String(lastSequence));
  if (previousId !== undefined) headers.set('Nats-Expected-Last-Msg-Id', previousId);
  return headers;
}
