import { createInbox, ErrorCode, NatsError, type Msg, type MsgHdrs, type PubAck } from 'nats';
import type { Broker } from '../connection/broker.ts';

/** One publish and what to do with its outcome. */
export interface InboxPublish {
  readonly subject: string;
  readonly data: Uint8Array | string;
  readonly headers: MsgHdrs;
  readonly settle: (outcome: PubAck | Error) => void;
}

/**
 * Publishes to streams, in order and together at the end of the turn of the event loop, and receives the acknowledgements on
 * one subscription of its own.
 */
export interface AckInbox {
  publish(publish: InboxPublish): void;
  /** What is still awaited is never settled: close when nothing is in flight. */
  close(): void;
}

interface Pending {
  readonly sentAt: number;
  readonly settle: InboxPublish['settle'];
}

/**
 * The client's own `publish` builds an error object with a stack, a timer and two promises for every message, successful
 * or not, which makes it the bottleneck of a pipelined publisher. Here a message costs an entry in a map, and one timer
 * watches the oldest.
 */
export function openAckInbox(broker: Pick<Broker, 'connection' | 'inboxPrefix'>, ackWaitMs: number): AckInbox {
  const inbox = createInbox(broker.inboxPrefix);
  const pending = new Map<number, Pending>();
  let last = 0;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const settle = (token: number, outcome: PubAck | Error): void => {
    const entry = pending.get(token);
    pending.delete(token);
    entry?.settle(outcome);
  };
  const subscription = broker.connection.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (error) for (const token of pending.keys()) settle(token, error);
      else settle(Number(message.subject.slice(inbox.length + 1)), outcomeOf(message));
    },
  });
  // Insertion order is the order of sending: when the oldest is in time, all are.
  const watch = (): void => {
    timer = undefined;
    for (const [token, { sentAt }] of pending) {
      const leftMs = sentAt + ackWaitMs - performance.now();
      if (leftMs > 0) {
        timer = setTimeout(watch, leftMs);
        return;
      }
      settle(token, NatsError.errorForCode(ErrorCode.Timeout));
    }
  };
  // The client writes to its socket once per microtask: what one turn publishes would be as many writes.
  let unsent: { readonly token: number; readonly publish: InboxPublish }[] = [];
  const sendAll = (): void => {
    const sending = unsent;
    unsent = [];
    for (const { token, publish } of sending) {
      const { subject, data, headers } = publish;
      try {
        broker.connection.publish(subject, data, { reply: `${inbox}.${token}`, headers });
      } catch (error) {
        settle(token, error as Error);
      }
    }
  };
  return {
    publish: (publish) => {
      const token = (last += 1);
      pending.set(token, { sentAt: performance.now(), settle: publish.settle });
      timer ??= setTimeout(watch, ackWaitMs);
      if (unsent.push({ token, publish }) === 1) setImmediate(sendAll);
    },
    close: () => {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      if (!broker.connection.isClosed()) subscription.unsubscribe();
    },
  };
}

interface StreamAnswer extends Partial<PubAck> {
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string };
}

function outcomeOf(message: Msg): PubAck | Error {
  if (message.headers?.code === 503) return NatsError.errorForCode(ErrorCode.NoResponders);
  try {
    const { error, ...ack } = message.json<StreamAnswer>();
    if (error !== undefined) {
      const refused = new NatsError(error.description, String(error.code));
      refused.api_error = error;
      return refused;
    }
    if (ack.stream === undefined || ack.seq === undefined) throw new TypeError('no stream or sequence in it');
    return { ...ack, stream: ack.stream, seq: ack.seq, duplicate: ack.duplicate ?? false };
  } catch (error) {
    return new NatsError(`not an acknowledgement: ${(error as Error).message}`, ErrorCode.JetStreamInvalidAck);
  }
}
