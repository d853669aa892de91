import { Appender } from './append.ts';
import { withTimeout } from './backoff.ts';
import { emptyHead } from './chain.ts';
import { AppendExchange } from './client/append-exchange.ts';
import { Connection } from './client/connection.ts';
import { decodeEvent, decodeMetadata, type DecodedEvent } from './decode.ts';
import { EventStoreAlreadyOpenError } from './errors.ts';
import { limitStream } from './limit-stream.ts';
import { contextOf, type DoorContext, type EventStoreOptions } from './options.ts';
import { ping } from './ping.ts';
import { StreamReader, type EventBatch } from './read.ts';
import type { RawEvent } from './raw-event.ts';
import { createEventRegistry, type EventRegistry } from './registry.ts';
import { AppendSettler } from './settle-append.ts';
import { subscribeToAll } from './subscribe.ts';
import type { EventStore, ReadAllOptions, ReadStreamOptions, RecordedEvent, StreamHead } from './types.ts';

// Kept on the process, not in the module: two copies of this package must not open two clients either.
const OPEN = Symbol.for('@perennial/event-store/open');
const slot: { [OPEN]?: true | undefined } & object = globalThis;

/**
 * Opens the one door to EventStoreDB and waits until it answers.
 *
 * @example
 * const store = await openEventStore({ url: 'esdb://127.0.0.1:2113?tls=false', definitions });
 * const outcome = await store.append('seat-1', emptyHead('seat-1'), [{ type: 'SeatAssigned', data, metadata }]);
 *
 * @throws EventStoreUrlError, EventRegistryError, EventStoreAlreadyOpenError (one client per process), AccessDeniedError,
 * EventStoreUnavailableError when nothing answers within `openTimeoutMs`.
 */
export async function openEventStore(options: EventStoreOptions): Promise<EventStore> {
  const context = contextOf(options);
  const registry = createEventRegistry(options.definitions);
  if (slot[OPEN]) throw new EventStoreAlreadyOpenError();
  const connection = new Connection(options.url, context);
  slot[OPEN] = true;
  try {
    await ping(connection, context, context.bounds.openTimeoutMs);
    return createDoor(connection, registry, context);
  } catch (error) {
    await connection.close();
    delete slot[OPEN];
    throw error;
  }
}

function createDoor(connection: Connection, registry: EventRegistry, context: DoorContext): EventStore {
  const reader = new StreamReader(connection, context);
  const settler = new AppendSettler(connection, new AppendExchange(connection, context), reader, context);
  const appender = new Appender(settler, registry, context);
  let closing: Promise<void> | undefined;
  return {
    append: (stream, head, events) => appender.append(stream, head, events),
    readStream: (stream, readOptions) => readStream(reader, registry, stream, readOptions),
    readStreamRaw: (stream, readOptions) => oneByOne(reader.readStream(stream, readOptions)),
    readHead: (stream) => readHead(reader, stream),
    readAll: (readOptions) => readAllDecoded(reader, registry, readOptions),
    readAllRaw: (readOptions) => oneByOne(readAll(reader, readOptions)),
    lastPosition: async () => (await reader.lastOfLog(undefined))?.position,
    subscribeToAll: (subscribeOptions) => subscribeToAll({ connection, reader, registry, context }, subscribeOptions),
    limitStream: (stream, maxCount) => limitStream({ reader, settler }, stream, maxCount),
    ping: (timeoutMs) => ping(connection, context, timeoutMs),
    close: () => (closing ??= close(connection, appender, context)),
  };
}

async function* oneByOne(batches: AsyncIterable<EventBatch>): AsyncGenerator<RawEvent, void, undefined> {
  for await (const events of batches) {
    for (const event of events) yield event;
  }
}

async function* readStream(
  reader: StreamReader,
  registry: EventRegistry,
  stream: string,
  options?: ReadStreamOptions,
): AsyncGenerator<RecordedEvent, void, undefined> {
  for await (const events of reader.readStream(stream, options)) {
    for (const raw of events) {
      const decoded = decodeEvent(raw, registry);
      if (decoded.kind === 'undecodable') throw decoded.event.error;
      yield decoded.event;
    }
  }
}

async function readHead(reader: StreamReader, stream: string): Promise<StreamHead> {
  const last = await reader.lastOfStream(stream);
  if (!last) return emptyHead(stream);
  const { hash, recordedAt } = decodeMetadata(last);
  return { revision: last.revision, hash, recordedAt };
}

async function* readAllDecoded(
  reader: StreamReader,
  registry: EventRegistry,
  options?: ReadAllOptions,
): AsyncGenerator<DecodedEvent, void, undefined> {
  for await (const events of readAll(reader, options)) {
    for (const raw of events) yield decodeEvent(raw, registry);
  }
}

async function* readAll(
  reader: StreamReader,
  options: ReadAllOptions = {},
): AsyncGenerator<EventBatch, void, undefined> {
  const { after, maxCount = Number.MAX_SAFE_INTEGER, streamPrefixes: filter } = options;
  // The end is fixed first: a log that grows as fast as it is read would never end.
  const end = (await reader.lastOfLog(filter))?.position;
  if (end === undefined || maxCount < 1) return;
  let left = maxCount;
  for await (const events of reader.readLog({ ...(after === undefined ? {} : { after }), filter })) {
    const upToEnd = events.filter(({ position }) => position <= end).slice(0, left);
    if (upToEnd.length > 0) yield upToEnd;
    left -= upToEnd.length;
    const last = events.at(-1);
    if (left < 1 || (last && last.position >= end)) return;
  }
}

async function close(connection: Connection, appender: Appender, context: DoorContext): Promise<void> {
  try {
    await withTimeout(appender.whenIdle(), context.bounds.closeDrainMs, 'finishing the appends under way');
  } catch (error) {
    context.logger.warn({ err: error }, 'closing with appends under way: their outcome stays unknown');
  }
  await connection.close();
  delete slot[OPEN];
}
