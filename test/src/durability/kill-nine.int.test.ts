/** Embedded only: a configured server cannot be killed. */
import { rmSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  streamNameFilter,
  type AppendExpectedRevision,
  type AppendResult,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { startEventStore, type RunningEventStore } from '@perennial/embedded';
import { temporaryDirectory, within } from '../conformance/target.ts';

const test = suite('durability: kill -9 under load');
const ROUNDS = 4;
const WRITERS = 64;
const LOAD_MS = 800;
const directory = temporaryDirectory();
let server: RunningEventStore;

test.after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** An append and what became of it: what was not acknowledged may or may not have been written. */
interface Sent {
  id: string;
  acknowledged: boolean;
  revision?: bigint;
}

test('every acknowledged append is there exactly once, at its revision, after every kill', async () => {
  server = await startEventStore({ dataDirectory: directory });
  const { port } = server;
  const client = EventStoreDBClient.connectionString(server.url);
  const sent = new Map<string, Sent[]>();
  let acknowledged = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const load = runLoad(client, round, sent);
    await new Promise((resolve) => setTimeout(resolve, LOAD_MS));
    server.kill();
    await server.exited;
    await within(load, 'the end of the load');
    server = await startEventStore({ dataDirectory: directory, port });
    acknowledged = await verify(client, sent);
  }
  await client.dispose();
  assert.ok(acknowledged > ROUNDS * 20, `only ${acknowledged} appends were acknowledged`);
  console.log(`NOTE ${acknowledged} acknowledged appends survived ${ROUNDS} kills`);
});

/** Each writer owns its streams and appends until the server is gone. */
async function runLoad(client: EventStoreDBClient, round: number, sent: Map<string, Sent[]>): Promise<void> {
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    const stream = `load-${round}-${writer}`;
    const appends: Sent[] = [];
    sent.set(stream, appends);
    let expectedRevision: AppendExpectedRevision = NO_STREAM;
    for (;;) {
      const event = jsonEvent({ type: 'Sent', data: { writer, text: 'x'.repeat(200) } });
      const append: Sent = { id: event.id, acknowledged: false };
      appends.push(append);
      try {
        const result: AppendResult = await client.appendToStream(stream, event, { expectedRevision });
        Object.assign(append, { acknowledged: true, revision: result.nextExpectedRevision });
        expectedRevision = result.nextExpectedRevision;
      } catch {
        // The server was killed; which appends it had written is what the test finds out.
        return;
      }
    }
  });
  await Promise.all(writers);
}

/** Compares the whole log, and each stream by its revisions, with what was acknowledged. */
async function verify(client: EventStoreDBClient, sent: Map<string, Sent[]>): Promise<number> {
  const stored = new Map<string, { stream: string; revision: bigint }>();
  const revisions = new Map<string, bigint>();
  for (const { event } of await readEverything(client)) {
    assert.not(stored.has(event.id), `${event.id} is there twice`);
    assert.is(event.revision, (revisions.get(event.streamId) ?? -1n) + 1n);
    revisions.set(event.streamId, event.revision);
    stored.set(event.id, { stream: event.streamId, revision: event.revision });
  }
  let acknowledged = 0;
  const known = new Set<string>();
  for (const [stream, appends] of sent) {
    for (const append of appends) {
      known.add(append.id);
      if (!append.acknowledged) continue;
      acknowledged += 1;
      assert.equal(stored.get(append.id), { stream, revision: append.revision });
    }
  }
  for (const id of stored.keys()) assert.ok(known.has(id), `${id} was never sent`);
  return acknowledged;
}

/** The client may need an attempt to notice that the server is a new one. */
async function readEverything(client: EventStoreDBClient): Promise<Required<Pick<ResolvedEvent, 'event'>>[]> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const events: Required<Pick<ResolvedEvent, 'event'>>[] = [];
    try {
      for await (const { event } of client.readAll()) if (event?.streamId.startsWith('load-')) events.push({ event });
      return events;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

test('a subscription resumed from its last position after a kill misses and repeats nothing', async () => {
  const client = EventStoreDBClient.connectionString(server.url);
  const { port } = server;
  const seen: string[] = [];
  const written: string[] = [];
  const filter = streamNameFilter({ prefixes: ['resumed-'] });
  let position = await appendOne(client, 'resumed-start', written);
  for (let round = 0; round < 2; round += 1) {
    const subscription = client.subscribeToAll({ fromPosition: position, filter });
    // It ends with the server.
    subscription.on('error', () => {});
    subscription.on('data', ({ event }) => {
      if (!event?.position) return;
      seen.push(event.id);
      position = event.position;
    });
    for (let index = 0; index < 50; index += 1) await appendOne(client, `resumed-${round}-${index % 5}`, written);
    server.kill();
    await server.exited;
    server = await startEventStore({ dataDirectory: directory, port });
    await readEverything(client);
  }
  const last = client.subscribeToAll({ fromPosition: position, filter });
  last.on('data', ({ event }) => event && seen.push(event.id));
  await within(new Promise<void>((resolve) => last.on('caughtUp', () => resolve())), 'catching up');
  await within(
    all(() => seen.length >= written.length - 1),
    'the last events',
  );
  await last.unsubscribe();
  await client.dispose();
  assert.equal(seen, written.slice(1));
});

async function all(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

async function appendOne(client: EventStoreDBClient, stream: string, written: string[]) {
  const event = jsonEvent({ type: 'Sent', data: {} });
  const { position } = await client.appendToStream(stream, event);
  assert.ok(position);
  written.push(event.id);
  return position;
}

test.run();
