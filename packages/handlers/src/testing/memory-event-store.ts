/**
 * An event store in memory for tests that read as rules: it seals, chains and validates with the door's own functions.
 * The suites below `test/` run the same code against the real engines.
 *
 * @module
 */
import {
  createEventRegistry,
  emptyHead,
  sealEvents,
  type AppendOutcome,
  type EventDefinition,
  type EventStore,
  type NewEvent,
  type ReadStreamOptions,
  type RawEvent,
  type RecordedEvent,
  type StreamHead,
  type SubscribeOptions,
  type SubscriptionItem,
} from '@perennial/event-store';

/** The store, with its log and hooks to make it fail. */
export type MemoryEventStore = EventStore & {
  readonly log: readonly RecordedEvent[];
  /** Called before every append, with the number of the call from 1; may throw or append for somebody else. */
  beforeAppend: (call: number) => void | Promise<void>;
  readonly readCount: number;
  /** Appends at the end of a stream, whatever that is. */
  appendAtEnd(stream: string, events: readonly NewEvent[]): Promise<void>;
};

/** See {@link MemoryEventStore}. */
export function createMemoryEventStore(definitions: readonly EventDefinition[]): MemoryEventStore {
  const registry = createEventRegistry(definitions);
  const log: RecordedEvent[] = [];
  const rawLog: RawEvent[] = [];
  const listeners = new Set<() => void>();
  let appendCount = 0;
  let readCount = 0;

  const ofStream = (stream: string) => log.filter((event) => event.stream === stream);
  const headOf = (stream: string): StreamHead => {
    const last = ofStream(stream).at(-1);
    if (!last) return emptyHead(stream);
    return { revision: last.revision, hash: last.metadata.hash, recordedAt: last.metadata.recordedAt };
  };
  const appendNow = (stream: string, head: StreamHead, events: readonly NewEvent[]): AppendOutcome => {
    const actual = headOf(stream);
    if (actual.revision !== head.revision) return { kind: 'conflict', actualRevision: actual.revision };
    const sealed = sealEvents(stream, head, events, registry);
    const recorded = sealed.events.map(({ decoded }, index) => ({
      ...decoded,
      position: BigInt(log.length + index + 1) * 100n,
    }));
    log.push(...recorded);
    rawLog.push(...sealed.events.map(({ raw }, index) => ({ ...raw, position: recorded[index]?.position ?? 0n })));
    for (const listener of listeners) listener();
    return { kind: 'appended', head: sealed.head, position: recorded.at(-1)?.position ?? 0n, events: recorded };
  };
  const matches = (event: Pick<RecordedEvent, 'stream'>, prefixes: readonly string[] | undefined) =>
    prefixes === undefined || prefixes.some((prefix) => event.stream.startsWith(prefix));

  const store: MemoryEventStore = {
    log,
    beforeAppend: () => undefined,
    get readCount() {
      return readCount;
    },
    append: async (stream, head, events) => {
      appendCount += 1;
      await store.beforeAppend(appendCount);
      return appendNow(stream, head, events);
    },
    appendAtEnd: async (stream, events) => {
      appendNow(stream, headOf(stream), events);
    },
    readStream: (stream, options) => {
      readCount += 1;
      return readFrom(ofStream(stream), options);
    },
    readStreamRaw: (stream, options) =>
      readFrom(
        rawLog.filter((event) => event.stream === stream),
        options,
      ),
    readHead: async (stream) => headOf(stream),
    readAll: (options) =>
      items(
        log
          .filter((event) => event.position > (options?.after ?? -1n) && matches(event, options?.streamPrefixes))
          .slice(0, options?.maxCount ?? Infinity)
          .map((event) => ({ kind: 'event' as const, event })),
      ),
    readAllRaw: (options) =>
      items(
        rawLog
          .filter((event) => event.position > (options?.after ?? -1n) && matches(event, options?.streamPrefixes))
          .slice(0, options?.maxCount ?? Infinity),
      ),
    lastPosition: async () => log.at(-1)?.position,
    subscribeToAll: (options) => subscribe(log, listeners, options, matches),
    limitStream: async () => undefined,
    ping: async () => undefined,
    close: async () => undefined,
  };
  return store;
}

async function* readFrom<Event extends { readonly revision: number }>(
  events: readonly Event[],
  options: ReadStreamOptions = {},
) {
  const ordered = options.direction === 'backwards' ? events.toReversed() : events;
  const from = options.fromRevision ?? 0;
  yield* ordered.filter((event) => event.revision >= from).slice(0, options.maxCount ?? Infinity);
}

async function* items<T>(values: readonly T[]) {
  yield* values;
}

async function* subscribe(
  log: readonly RecordedEvent[],
  listeners: Set<() => void>,
  options: SubscribeOptions,
  matches: (event: RecordedEvent, prefixes: readonly string[] | undefined) => boolean,
): AsyncGenerator<SubscriptionItem> {
  let index = log.findIndex((event) => event.position > (options.after ?? -1n));
  if (index < 0) index = log.length;
  const aborted = () => options.signal.aborted;
  while (!aborted()) {
    const event = log[index];
    if (event) {
      index += 1;
      if (matches(event, options.streamPrefixes)) yield { kind: 'event', event };
      continue;
    }
    await new Promise<void>((resolve) => {
      const wake = () => {
        listeners.delete(wake);
        options.signal.removeEventListener('abort', wake);
        resolve();
      };
      listeners.add(wake);
      options.signal.addEventListener('abort', wake);
    });
  }
}
