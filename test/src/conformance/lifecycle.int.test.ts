/**
 * Embedded only: these cases stop, kill and restart the server, which a configured server cannot be asked to do. Two
 * cases need a second client; the first one is disposed of before, as two at a time disturb each other.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CancelledError,
  EventStoreDBClient,
  excludeSystemEvents,
  NO_STREAM,
  START,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { EngineError, startEventStore, type RunningEventStore } from '@perennial/embedded';
import { RecordedSubscription } from './recorded-subscription.ts';
import { collect, failureOf, temporaryDirectory, testEvent, testEvents, within } from './target.ts';

const test = suite('conformance: lifecycle of the embedded server');
const directories: string[] = [];
const servers: RunningEventStore[] = [];
const clients: EventStoreDBClient[] = [];

test.after.each(async () => {
  for (const client of clients.splice(0)) await client.dispose();
  for (const server of servers.splice(0)) await server.stop();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function newDirectory(): string {
  const directory = temporaryDirectory();
  directories.push(directory);
  return directory;
}

async function start(dataDirectory: string, options = {}): Promise<RunningEventStore> {
  const server = await startEventStore({ dataDirectory, ...options });
  servers.push(server);
  return server;
}

function connect(url: string): EventStoreDBClient {
  const client = EventStoreDBClient.connectionString(url);
  clients.push(client);
  return client;
}

/** Resolves when the process is gone, or only waits for somebody to ask how it ended. */
async function ended(pid: number): Promise<void> {
  const stat = `/proc/${pid}/stat`;
  while (existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, 'utf8'))) await delay(20);
}

test('everything is there after a stop and a start: events, metadata, deletions, numbering, idempotency', async () => {
  const directory = newDirectory();
  const first = await start(directory);
  const client = connect(first.url);
  const events = testEvents(3);
  const original = await client.appendToStream('kept', events, { expectedRevision: NO_STREAM });
  await client.setStreamMetadata('kept', { maxCount: 2 });
  await client.appendToStream('soft', testEvents(2));
  await client.deleteStream('soft');
  await client.tombstoneStream('gone');
  await first.stop();
  await start(directory, { port: first.port });

  assert.equal(
    (await collect(client.readStream('kept'))).map(({ event }) => event?.id),
    events.slice(1).map(({ id }) => id),
  );
  const retried = await client.appendToStream('kept', events, { expectedRevision: NO_STREAM });
  assert.is(retried.nextExpectedRevision, 2n);
  assert.equal(retried.position, original.position);
  await failureOf(client.appendToStream('kept', testEvent('x'), { expectedRevision: 1n }), WrongExpectedVersionError);
  const revived = await client.appendToStream('soft', testEvent('again'));
  assert.is(revived.nextExpectedRevision, 2n);
  assert.ok((revived.position?.commit ?? 0n) > (original.position?.commit ?? 0n));
  const types = (await collect(client.readAll())).map(({ event }) => event?.type);
  assert.is(types.filter((type) => type === '$streamDeleted').length, 1);
});

test('a stop ends subscriptions with CancelledError, and appends go on after the next start', async () => {
  const directory = newDirectory();
  const server = await start(directory);
  const client = connect(server.url);
  await client.appendToStream('s', testEvent('before'));
  const subscription = new RecordedSubscription(() => client.subscribeToAll({ fromPosition: START }));
  await subscription.untilLive();
  await server.stop();
  assert.instance(await subscription.untilEnd(), CancelledError);
  assert.equal(await server.exited, { code: 0, signal: null });
  await start(directory, { port: server.port });
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      const result = await client.appendToStream('s', testEvent('after'), { expectedRevision: 0n });
      assert.is(result.nextExpectedRevision, 1n);
      break;
    } catch (error) {
      // The client notices the lost connection only by an append that fails.
      if (Date.now() > deadline) throw error;
    }
  }
  const resumed = new RecordedSubscription(() =>
    client.subscribeToAll({ fromPosition: START, filter: excludeSystemEvents() }),
  );
  await resumed.untilLabels(['before', 'after']);
  await resumed.unsubscribe();
});

test('every append that a stopping server has accepted is answered or was not written', async () => {
  const directory = newDirectory();
  const server = await start(directory);
  const client = connect(server.url);
  await client.appendToStream('warm', testEvent('up'));
  const attempts = Array.from({ length: 300 }, (_, index) => client.appendToStream(`s-${index}`, testEvent('x')));
  const settled = Promise.allSettled(attempts);
  await server.stop();
  const results = await within(settled, 'the answers to all appends');
  const acknowledged = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [`s-${index}`] : []));
  await start(directory, { port: server.port });
  const again = connect(server.url);
  const stored = new Set((await collect(again.readAll())).map(({ event }) => event?.streamId));
  for (const stream of acknowledged) assert.ok(stored.has(stream), `${stream} was acknowledged`);
});

test('a cluster of one can be discovered', async () => {
  const server = await start(newDirectory());
  const client = connect(`esdb+discover://127.0.0.1:${server.port}?tls=false`);
  await client.appendToStream('found', testEvent('x'));
  assert.is((await collect(client.readStream('found'))).length, 1);
});

test('a second server on the directory is refused and told who owns it', async () => {
  const directory = newDirectory();
  const server = await start(directory);
  const error = await failureOf(startEventStore({ dataDirectory: directory, lockWaitMs: 0 }), EngineError);
  assert.is(error.code, 'DATA_DIRECTORY_IN_USE');
  assert.match(error.message, String(server.pid));
  assert.match(error.message, directory);
});

test('a directory whose owner was killed is taken over at once', async () => {
  const directory = newDirectory();
  const server = await start(directory);
  server.kill();
  assert.equal(await server.exited, { code: null, signal: 'SIGKILL' });
  await start(directory, { lockWaitMs: 0 });
});

test('a start waits for a former owner that is still ending', async () => {
  const directory = newDirectory();
  const server = await start(directory);
  const next = start(directory, { lockWaitMs: 10_000 });
  await server.stop();
  assert.is.not((await next).pid, server.pid);
});

test('a port in use is one sentence', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const address = blocker.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const error = await failureOf(startEventStore({ dataDirectory: newDirectory(), port }), EngineError);
  blocker.close();
  assert.is(error.code, 'PORT_IN_USE');
  assert.match(error.message, new RegExp(`^Port ${port} is in use; .+\\.$`));
});

test('a directory that cannot be written to is one sentence', async () => {
  const file = join(newDirectory(), 'file');
  writeFileSync(file, '');
  const error = await failureOf(startEventStore({ dataDirectory: join(file, 'data') }), EngineError);
  assert.is(error.code, 'DATA_DIRECTORY_UNUSABLE');
  assert.not.match(error.message, /\n/);
});

test('a data file that is none of ours is one sentence', async () => {
  const directory = newDirectory();
  writeFileSync(join(directory, 'events.mdb'), Buffer.alloc(64 * 1024, 0x5a));
  const error = await failureOf(startEventStore({ dataDirectory: directory }), EngineError);
  assert.is(error.code, 'DATA_FILE_DAMAGED');
  assert.not.match(error.message, /\n/);
});

test('a data file that was cut off is one sentence', async () => {
  const directory = newDirectory();
  const server = await start(directory);
  const client = connect(server.url);
  for (let round = 0; round < 5; round += 1) await client.appendToStream('long', testEvents(500));
  await server.stop();
  truncateSync(join(directory, 'events.mdb'), 3 * 4096);
  const error = await failureOf(startEventStore({ dataDirectory: directory }), EngineError);
  assert.is(error.code, 'DATA_FILE_DAMAGED');
  assert.not.match(error.message, /\n/);
});

test('started by hand it says where it is, and a refusal is one line and a failing exit code', async () => {
  const directory = newDirectory();
  await start(directory);
  const main = join(fileURLToPath(import.meta.resolve('@perennial/embedded')), '../event-store/main.js');
  const child = spawn(process.execPath, [main, '--data', directory, '--lock-wait-ms', '0'], { stdio: 'pipe' });
  let printed = '';
  child.stderr.on('data', (chunk) => (printed += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  assert.is(code, 1);
  assert.match(printed, /^DATA_DIRECTORY_IN_USE: .+\n$/);
});

test('the server ends when its parent is killed', async () => {
  const directory = newDirectory();
  const script = `
    import { startEventStore } from ${JSON.stringify(import.meta.resolve('@perennial/embedded'))};
    const server = await startEventStore({ dataDirectory: ${JSON.stringify(directory)} });
    console.log(server.pid);
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(String(line));
  parent.kill('SIGKILL');
  await once(parent, 'close');
  await start(directory, { lockWaitMs: 10_000 });
  await within(ended(pid), 'the end of the orphan');
});

test.run();
