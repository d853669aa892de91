import { convertToCommandError } from '@eventstore/db-client';
import { createBackoff } from './backoff.ts';
import type { Connection } from './client/connection.ts';
import type { StreamFilter } from './client/read-request.ts';
import type { ReadReply } from './client/read-reply.ts';
import { openRead, type OpenRead } from './client/replies.ts';
import { decodeEvent } from './decode.ts';
import { classifyFailure } from './failure-class.ts';
import type { DoorContext } from './options.ts';
import { isOurs, type StreamReader } from './read.ts';
import type { EventRegistry } from './registry.ts';
import { translateFailure } from './translate.ts';
import type { SubscribeOptions, SubscriptionItem } from './types.ts';

/** How long a subscription that has missed something may take to deliver it after all. */
const GRACE_MS = 2_000;

type SubscriberParts = {
  readonly connection: Connection;
  readonly reader: StreamReader;
  readonly registry: EventRegistry;
  readonly context: DoorContext;
};

/**
 * A catch-up subscription that outlives its connections: whatever ends or silences one, the next begins after the last
 * item that was yielded. Ends only by `signal` or when the store is closed.
 * @throws AccessDeniedError, RequestRefusedError (`after` is no position of this log), EventStoreIncompatibleError:
 * what no repetition can cure.
 */
export async function* subscribeToAll(
  parts: SubscriberParts,
  { after, streamPrefixes: filter, signal }: SubscribeOptions,
): AsyncGenerator<SubscriptionItem, void, undefined> {
  const { connection, context, registry } = parts;
  const backoff = createBackoff(context.bounds);
  let position = after;
  while (!signal.aborted && !connection.closed) {
    let open: OpenRead | undefined;
    let because: 'ended' | 'error' | 'silent' = 'error';
    try {
      const request = { kind: 'subscription', from: position ?? 'start', filter } as const;
      open = await openRead(connection, request, context.bounds.readSilenceMs);
      for (;;) {
        const reply = open.reader.take();
        if (!reply) {
          const state = await waitWatchfully(parts, open, { position, filter, signal });
          if (state === 'readable') continue;
          because = state;
          break;
        }
        if (signal.aborted) return;
        connection.succeeded();
        const item = itemOf(reply, filter, registry);
        const at = positionOf(item);
        if (!item || (at !== undefined && position !== undefined && at <= position)) continue;
        position = at ?? position;
        backoff.reset();
        if (item.kind === 'undecodable') context.onMetric({ kind: 'undecodable' });
        yield item;
      }
    } catch (thrown) {
      if (signal.aborted || connection.closed) return;
      const error = thrown instanceof Error ? convertToCommandError(thrown) : thrown;
      if (classifyFailure(error) !== 'transient') throw translateFailure(error, 'subscribe to the log');
      connection.failed(error);
      context.logger.debug({ err: error, position: String(position) }, 'subscription interrupted');
    } finally {
      open?.cancel();
    }
    if (signal.aborted || connection.closed) return;
    context.onMetric({ kind: 'subscription-resumed', because });
    await backoff.pause(signal);
  }
}

/**
 * Waits for the next message. A silence of `idleWatchdogMs` is compared with the log: if something lies there that has
 * not come, the subscription is dead, however healthy its connection looks.
 */
async function waitWatchfully(
  { reader, context }: SubscriberParts,
  open: OpenRead,
  seen: { position: bigint | undefined; filter: StreamFilter; signal: AbortSignal },
): Promise<'readable' | 'ended' | 'silent'> {
  const { idleWatchdogMs } = context.bounds;
  const state = await open.reader.wait(idleWatchdogMs, seen.signal);
  if (seen.signal.aborted) return 'ended';
  if (state !== 'silent') return state;
  const last = await untilAborted(reader.lastOfLog(seen.filter), seen.signal);
  if (last === undefined || (seen.position !== undefined && last.position <= seen.position)) return 'readable';
  const late = await open.reader.wait(Math.min(GRACE_MS, idleWatchdogMs), seen.signal);
  if (late === 'silent') {
    context.logger.warn(
      { head: String(last.position), seen: String(seen.position) },
      'subscription silent: resubscribing',
    );
  }
  return late;
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let stop = () => {};
  const aborted = new Promise<undefined>((resolve) => (stop = () => resolve(undefined)));
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function itemOf(reply: ReadReply, filter: StreamFilter, registry: EventRegistry): SubscriptionItem | undefined {
  switch (reply.kind) {
    case 'event':
      return isOurs(reply.event, filter) ? decodeEvent(reply.event, registry) : undefined;
    case 'checkpoint':
      return { kind: 'checkpoint', position: reply.position };
    case 'caught-up':
      return { kind: 'caught-up' };
    case 'absent':
    case 'other':
      return undefined;
    default:
      return reply satisfies never;
  }
}

function positionOf(item: SubscriptionItem | undefined): bigint | undefined {
  if (!item || item.kind === 'caught-up') return undefined;
  return item.kind === 'checkpoint' ? item.position : item.event.position;
}
