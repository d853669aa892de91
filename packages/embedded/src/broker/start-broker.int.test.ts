import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRunning } from '../data-directory/process-identity.ts';
import type { EngineError } from '../engine-error.ts';
import { cachePath } from '../testing/checkout.ts';
import { eventually } from '../testing/eventually.ts';
import { runScript } from '../testing/script.ts';
import { findNatsServer } from './find-nats-server.ts';
import type { NatsServer } from './installed-servers.ts';
import { startBroker, type EmbeddedBroker, type StartBrokerOptions } from './start-broker.ts';

const test = suite('embedded broker');
let root: string;
let server: NatsServer;
const running: EmbeddedBroker[] = [];

test.before(async () => {
  server = await findNatsServer({ env: process.env, cacheDirectory: cachePath('nats-server') });
});
test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'broker-'));
});
test.after.each(async () => {
  await Promise.all(running.splice(0).map((broker) => broker.kill()));
  rmSync(root, { recursive: true, force: true });
});

async function start(options: Partial<StartBrokerOptions> = {}): Promise<EmbeddedBroker> {
  const broker = await startBroker({ binary: server.path, version: server.version, dataDirectory: root, ...options });
  running.push(broker);
  return broker;
}

async function failure(promise: Promise<unknown>): Promise<EngineError> {
  try {
    await promise;
  } catch (error) {
    return error as EngineError;
  }
  throw new Error('did not fail');
}

const jetStreamEnabled = async (broker: EmbeddedBroker): Promise<boolean> => {
  const response = await fetch(`${broker.monitoringUrl}/jsz?config=true`);
  const { config } = (await response.json()) as { config?: { store_dir?: string } };
  return config?.store_dir?.startsWith(root) === true;
};

test('answers with JetStream and says where it is', async () => {
  const began = performance.now();
  const broker = await start();
  const tookMs = performance.now() - began;
  assert.is(broker.url, `nats://127.0.0.1:${broker.port}`);
  assert.ok(isRunning({ pid: broker.pid }));
  assert.ok(await jetStreamEnabled(broker), 'its store lies in the data directory');
  console.log(`\nNOTE nats-server ${server.version} was ready after ${Math.round(tookMs)} ms`);
});

test('keeps everything it writes below its data directory', async () => {
  const broker = await start();
  await broker.stop();
  assert.equal(
    readdirSync(root)
      .filter((name) => !/^owner-\d+\.json$/.test(name))
      .sort(),
    ['nats-server.log', 'run', 'store', 'version'],
  );
});

test('a stop ends the process in order and gives the directory back', async () => {
  const broker = await start();
  await broker.stop();
  assert.not(isRunning({ pid: broker.pid }));
  assert.match(readFileSync(join(root, 'nats-server.log'), 'utf8'), 'Server Exiting');
  await start({ lockWaitMs: 0 });
});

test('stopping twice, and killing after a stop, do no harm', async () => {
  const broker = await start();
  await Promise.all([broker.stop(), broker.stop()]);
  await broker.kill();
});

test('a second start on the same directory is refused and names the owner', async () => {
  await start();
  const error = await failure(start({ lockWaitMs: 50 }));
  assert.is(error.code, 'DATA_DIRECTORY_IN_USE');
  assert.match(error.message, String(process.pid));
});

test('an unexpected end is reported, an ordered one is not', async () => {
  const ends: string[] = [];
  const onExit = ({ signal }: { signal: NodeJS.Signals | null }) => ends.push(String(signal));
  const broker = await start({ onExit });
  await broker.stop();
  const second = await start({ onExit });
  process.kill(second.pid, 'SIGKILL');
  await second.exited;
  await eventually('the end was reported', () => ends.length > 0);
  assert.equal(ends, ['SIGKILL']);
});

test('a killed server can be started again although it left its ports file', async () => {
  const broker = await start();
  process.kill(broker.pid, 'SIGKILL');
  await broker.exited;
  assert.ok(readdirSync(join(root, 'run')).some((name) => name.endsWith('.ports')));
  const again = await start();
  assert.is.not(again.pid, broker.pid);
  assert.ok(await jetStreamEnabled(again));
});

test('a fixed port is used, and a port that is taken is said', async () => {
  const first = await start();
  const { port } = first;
  await first.stop();
  assert.is((await start({ port })).port, port);
  const error = await failure(start({ port, dataDirectory: join(root, 'other') }));
  assert.is(error.code, 'BROKER_START_FAILED');
  assert.match(error.message, 'address already in use');
});

test('a server that refuses to start shows its last words and leaves nothing behind', async () => {
  const binary = join(root, 'broken');
  writeFileSync(binary, '#!/bin/sh\necho "nats-server: cannot find the moon" >&2\nexit 3\n', { mode: 0o755 });
  const error = await failure(start({ binary }));
  assert.is(error.code, 'BROKER_START_FAILED');
  assert.match(error.message, 'cannot find the moon');
  assert.match(error.message, 'ended with 3');
  await start();
});

test('an older server on newer data is warned about', async () => {
  await (await start()).stop();
  writeFileSync(join(root, 'version'), '99.0.0');
  const warnings: string[] = [];
  await start({ logger: { warn: (message) => warnings.push(message) } });
  assert.match(warnings[0] ?? '', '99.0.0');
});

for (const tie of ['auto', 'pipe'] as const) {
  test(`${tie}: the server ends in order when its parent is killed, and the next start waits for that`, async () => {
    const script = runScript(`
      const { startBroker } = await import(url('broker/start-broker.js'));
      const options = ${JSON.stringify({ binary: server.path, version: server.version, dataDirectory: root, tie })};
      const broker = await startBroker(options);
      console.log(JSON.stringify({ pid: broker.pid }));
    `);
    const { pid } = (await script.firstLine) as { pid: number };
    assert.ok(isRunning({ pid }));
    script.child.kill('SIGKILL');
    await script.exited;
    await start({ tie });
    assert.not(isRunning({ pid }), 'the new server started after the old one had ended');
    assert.ok(existsSync(join(root, 'nats-server.log')));
    assert.match(readFileSync(join(root, 'nats-server.log'), 'utf8'), 'Server Exiting');
  });
}

test("the process group's signal does not reach the server", async () => {
  const script = runScript(`
    const { startBroker } = await import(url('broker/start-broker.js'));
    process.on('SIGINT', () => undefined);
    const options = ${JSON.stringify({ binary: server.path, version: server.version, dataDirectory: root })};
    const broker = await startBroker(options);
    const { readFileSync } = await import('node:fs');
    const group = (pid) => readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1].split(' ')[2];
    console.log(JSON.stringify({ own: group(process.pid), server: group(broker.pid) }));
  `);
  if (process.platform === 'linux') {
    const groups = (await script.firstLine) as { own: string; server: string };
    assert.is.not(groups.own, groups.server);
  }
  script.child.kill('SIGKILL');
  await script.exited;
});

test.run();
