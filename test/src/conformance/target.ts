import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventStoreDBClient,
  jsonEvent,
  type EventData,
  type JSONEventData,
  type JSONEventType,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { startEventStore, type EventStoreOptions, type RunningEventStore } from '@perennial/embedded';

/** The server that named in `EVENTSTORE_URL`, if any; the suite then asks that one instead of the embedded one. */
export const configuredUrl = process.env['EVENTSTORE_URL'];

/** What the suite talks to: always through the real client. */
export interface Target {
  client: EventStoreDBClient;
  url: string;
  close(): Promise<void>;
}

/** Connects to the configured server, or starts an embedded one. One client per process: see the client's quirks. */
export async function openTarget(options: Partial<EventStoreOptions> = {}): Promise<Target> {
  const embedded = configuredUrl === undefined ? await openEmbedded(options) : undefined;
  const url = configuredUrl ?? embedded?.server.url ?? '';
  const client = EventStoreDBClient.connectionString(url);
  return {
    client,
    url,
    close: async () => {
      await client.dispose();
      await embedded?.close();
    },
  };
}

/** An embedded server on a directory of its own. */
export interface Embedded {
  server: RunningEventStore;
  directory: string;
  close(): Promise<void>;
}

/** Starts an embedded server on a fresh directory. */
export async function openEmbedded(options: Partial<EventStoreOptions> = {}): Promise<Embedded> {
  const directory = temporaryDirectory();
  const server = await startEventStore({ dataDirectory: directory, ...options });
  return {
    server,
    directory,
    close: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A new empty directory below the system's temporary one. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'event-store-'));
}

/** A stream name no other test uses, on whatever server. */
export function uniqueStream(name: string): string {
  return `conformance-${name}-${randomUUID()}`;
}

/** An event of the suite. */
export type TestEvent = JSONEventType<'Tested', { label: string }, { note: string }>;

/** An event with its own id; `label` is its data. */
export function testEvent(label: string, id: string = randomUUID()): JSONEventData<TestEvent> {
  return jsonEvent<TestEvent>({ id, type: 'Tested', data: { label }, metadata: { note: label } });
}

/** As many events as asked for. */
export function testEvents(count: number): JSONEventData<TestEvent>[] {
  return Array.from({ length: count }, (_, index) => testEvent(String(index)));
}

/** Credentials make the client append by the unary call instead of the batch stream; without TLS nobody checks them. */
export const unary = { credentials: { username: 'admin', password: 'changeit' } };

/** Everything a read gives. */
export async function collect(events: AsyncIterable<ResolvedEvent>): Promise<ResolvedEvent[]> {
  const all: ResolvedEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** The revisions a read gives. */
export async function revisionsOf(events: AsyncIterable<ResolvedEvent>): Promise<bigint[]> {
  return (await collect(events)).map(({ event }) => event?.revision ?? -1n);
}

/** The error that a promise ends with, which must be of this class. */
export async function failureOf<T extends Error>(
  promise: Promise<unknown>,
  // The client's error classes differ in their constructors, and none is called here.
  kind: new (...parts: never[]) => T,
): Promise<T> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`It succeeded, although ${kind.name} was expected.`);
}

/** Waits for a promise, at most `waitMs`. */
export async function within<T>(promise: Promise<T>, what: string, waitMs = 30_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${waitMs} ms.`)), waitMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** The ids of events. */
export function idsOf(events: readonly EventData[]): string[] {
  return events.map((event) => event.id);
}

/** The data of an event that was written as bytes. */
export function bytesOf(read: ResolvedEvent | undefined): Uint8Array {
  const data: unknown = read?.event?.data;
  if (!(data instanceof Uint8Array)) throw new Error('The event has no binary data.');
  return data;
}
