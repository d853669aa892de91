import { convertToCommandError } from '@eventstore/db-client';
import { createBackoff } from './backoff.ts';
import type { Connection } from './client/connection.ts';
import { isWanted, type ReadRequest, type StreamFilter } from './client/read-request.ts';
import type { ReadReply } from './client/read-reply.ts';
import { repliesOnce } from './client/replies.ts';
import { EventStoreClosedError, EventStoreUnavailableError } from './errors.ts';
import { classifyFailure } from './failure-class.ts';
import type { DoorContext } from './options.ts';
import type { RawEvent } from './raw-event.ts';
import { translateFailure } from './translate.ts';
import type { ReadStreamOptions } from './types.ts';

/** Events as they arrived together, oldest first when reading forwards; never empty. */
export type EventBatch = readonly RawEvent[];

/**
 * Reads that survive a broken connection: they go on after the last event that was taken. Bytes only, nothing is decoded.
 * Events come in batches, because every step of an async generator costs as much as decoding an event from the wire; what
 * the door hands out is one by one.
 */
export class StreamReader {
  readonly #connection: Connection;
  readonly #context: DoorContext;

  constructor(connection: Connection, context: DoorContext) {
    this.#connection = connection;
    this.#context = context;
  }

  /** The events of one stream; nothing when it does not exist. */
  readStream(stream: string, options: ReadStreamOptions = {}): AsyncGenerator<EventBatch, void, undefined> {
    const { direction = 'forwards', maxCount = Number.MAX_SAFE_INTEGER } = options;
    const step = direction === 'forwards' ? 1 : -1;
    const requestAfter = (last: RawEvent | undefined, taken: number): ReadRequest | undefined => {
      const start = options.fromRevision ?? (direction === 'forwards' ? 0 : ('end' as const));
      const from = last ? last.revision + step : start;
      if (taken >= maxCount || (typeof from === 'number' && from < 0)) return undefined;
      return { kind: 'stream', stream, from, direction, maxCount: maxCount - taken };
    };
    return this.#resuming(requestAfter, { action: `read ${stream}`, stream });
  }

  /** The last event of one stream. */
  async lastOfStream(stream: string): Promise<RawEvent | undefined> {
    for await (const [event] of this.readStream(stream, { direction: 'backwards', maxCount: 1 })) return event;
    return undefined;
  }

  /** The events of the log that `filter` wants and whose types are ours, forwards and after a position. */
  async *readLog(options: { after?: bigint; filter: StreamFilter }): AsyncGenerator<EventBatch, void, undefined> {
    const requestAfter = (last: RawEvent | undefined): ReadRequest => {
      const from = last?.position ?? options.after ?? 'start';
      return { kind: 'all', from, direction: 'forwards', filter: options.filter };
    };
    const { after } = options;
    for await (const events of this.#resuming(requestAfter, { action: 'read the log', direct: true })) {
      // Reading begins at the position itself, so the event that lies there comes once more.
      const wanted = events.filter(
        (event) => (after === undefined || event.position > after) && isOurs(event, options.filter),
      );
      if (wanted.length > 0) yield wanted;
    }
  }

  /** The last event of the log that `filter` wants. */
  async lastOfLog(filter: StreamFilter): Promise<RawEvent | undefined> {
    const requestAfter = (last: RawEvent | undefined): ReadRequest => {
      return { kind: 'all', from: last?.position ?? 'end', direction: 'backwards', filter };
    };
    for await (const events of this.#resuming(requestAfter, { action: 'read the end of the log' })) {
      const event = events.find((one) => isOurs(one, filter));
      if (event) return event;
    }
    return undefined;
  }

  async *#resuming(
    requestAfter: (last: RawEvent | undefined, taken: number) => ReadRequest | undefined,
    reading: Reading,
  ): AsyncGenerator<EventBatch, void, undefined> {
    const { bounds } = this.#context;
    const backoff = createBackoff(bounds);
    let direct = reading.direct === true;
    let last: RawEvent | undefined;
    let taken = 0;
    let progressAt = performance.now();
    for (;;) {
      if (this.#connection.closed) throw new EventStoreClosedError(reading.action);
      const request = requestAfter(last, taken);
      if (!request) return;
      try {
        const attempt = { silenceMs: bounds.readSilenceMs, direct };
        for await (const replies of repliesOnce(this.#connection, request, attempt)) {
          const events = eventsOf(replies, request.kind === 'all' ? last?.position : undefined);
          if (events.length === 0) continue;
          last = events.at(-1);
          taken += events.length;
          yield events;
          progressAt = performance.now();
          backoff.reset();
        }
        this.#connection.succeeded();
        return;
      } catch (error) {
        if (direct) {
          // The client meets the same trouble, tells what it is, and looks for another node.
          direct = false;
          this.#goOn(error, reading);
          continue;
        }
        this.#giveUpOrGoOn(error, reading, progressAt);
      }
      await backoff.pause();
    }
  }

  #giveUpOrGoOn(thrown: unknown, reading: Reading, progressAt: number): void {
    const { action, stream } = reading;
    const error = thrown instanceof Error ? convertToCommandError(thrown) : thrown;
    if (classifyFailure(error) !== 'transient') throw translateFailure(error, action, stream);
    this.#connection.failed(error);
    const withoutProgressMs = performance.now() - progressAt;
    if (withoutProgressMs > this.#context.bounds.readUnavailableMs) {
      const reason = `no progress for ${Math.round(withoutProgressMs)} ms`;
      throw new EventStoreUnavailableError(action, reason, { cause: error });
    }
    this.#goOn(error, reading);
  }

  #goOn(error: unknown, { action }: Reading): void {
    this.#context.logger.debug({ err: error }, `${action}: interrupted, going on after the last event`);
    this.#context.onMetric({ kind: 'read-resumed' });
  }
}

/** What is read, for messages; and whether it may be many events, which are worth a connection of their own. */
type Reading = { readonly action: string; readonly stream?: string; readonly direct?: boolean };

/** @param known position of an event that was taken before: reading goes on at it, so that it comes once more */
function eventsOf(replies: readonly ReadReply[], known: bigint | undefined): EventBatch {
  const events: RawEvent[] = [];
  for (const reply of replies) {
    if (reply.kind === 'event' && reply.event.position !== known) events.push(reply.event);
  }
  return events;
}

/** Types that begin with `$` (tombstones, links) are the event store's own, whatever the stream. */
export function isOurs(event: RawEvent, filter: StreamFilter): boolean {
  return isWanted(filter, event.stream) && !event.type.startsWith('$');
}
