import {
  EventStoreAlreadyOpenError,
  EventStoreUnavailableError,
  EventStoreUrlError,
  openEventStore,
} from '@perennial/event-store';
import { spawn } from 'node:child_process';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngine, type Engine } from './engine.ts';
import { definitions, within } from './notes.ts';

const processes = suite('the door and its process');
let engine: Engine;

processes.before(async () => {
  engine = await startEngine();
});

processes.after(async () => {
  await engine?.remove();
});

const refusal = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

processes('a process that has closed its store ends by itself, at once', async () => {
  const script = fileURLToPath(new URL('./short-life.js', import.meta.url));
  const child = spawn(process.execPath, [script, engine.url, 'process-1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let closedAt = 0;
  child.stdout.on('data', () => (closedAt = performance.now()));
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  try {
    assert.is(await within(20_000, exited, 'the end of the process'), 0);
    assert.ok(closedAt > 0 && performance.now() - closedAt < 5_000, 'not kept alive after closing');
  } finally {
    child.kill('SIGKILL');
  }
});

processes('nobody listening is told within the bound, and does not count as open', async () => {
  const startedAt = performance.now();
  const error = await refusal(openEventStore({ url: 'esdb://127.0.0.1:1?tls=false', definitions, openTimeoutMs: 700 }));
  assert.instance(error, EventStoreUnavailableError);
  assert.ok(performance.now() - startedAt < 15_000);
  const store = await openEventStore({ url: engine.url, definitions });
  await store.close();
});

processes('a server that accepts connections and stays silent is told within the bound', async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket.on('error', () => {}).resume()));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo; // a TCP server's address is an object
  const url = `esdb://127.0.0.1:${port}?tls=false`;
  const error = await within(20_000, refusal(openEventStore({ url, definitions, openTimeoutMs: 700 })), 'the refusal');
  assert.instance(error, EventStoreUnavailableError);
  silent.close();
  // A connection whose HTTP/2 greeting never comes is beyond the client's reach; it holds no process, but this one is its server.
  for (const socket of sockets) socket.destroy();
});

processes('a URL that cannot be used is told at once', async () => {
  assert.instance(await refusal(openEventStore({ url: 'http://127.0.0.1:2113', definitions })), EventStoreUrlError);
  const missing = 'esdb://127.0.0.1:2113?tlsCAFile=/does/not/exist';
  assert.instance(await refusal(openEventStore({ url: missing, definitions })), EventStoreUrlError);
});

processes('discovery finds the node, and two at once are refused', async () => {
  const url = engine.url.replace('esdb://', 'esdb+discover://');
  const [one, two] = await Promise.all([
    openEventStore({ url, definitions }),
    refusal(openEventStore({ url, definitions })),
  ]);
  assert.instance(two, EventStoreAlreadyOpenError);
  await one.ping(5_000);
  await one.close();
});

processes.run();
