import { connectBroker, ensureTopology, lastMessage, paymentSubject, type BrokerError } from '@perennial/broker';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connected, defaultServer, failure, openBench, type Bench } from './server.ts';

const test = suite('connection');
let bench: Bench;

test.before.each(async () => {
  bench = await openBench(await defaultServer());
});
test.after.each(() => bench.end());

test('says which server it found and what that can do', async () => {
  assert.is(bench.broker.version, bench.server.version);
  assert.is(bench.broker.capabilities.syncAlways, bench.server.syncAlways);
  assert.ok(bench.broker.isConnected());
});

test('survives a crash of the server, and acknowledged payments do too', async () => {
  const { broker } = bench;
  await ensureTopology(broker, { syncAlways: bench.server.syncAlways });
  const seen: string[] = [];
  broker.onStatus(({ type }) => seen.push(type));
  for (let i = 1; i <= 20; i += 1) await broker.jetstream.publish(paymentSubject('test'), `payment ${i}`);
  const lost = new Promise<void>((resolve) => broker.onStatus(({ type }) => type === 'disconnected' && resolve()));
  await bench.crash();
  await lost;
  await connected(broker);
  const end = await lastMessage(broker, 'PAYMENTS');
  assert.is(end.lastSequence, 20);
  assert.is(Buffer.from(end.message?.data ?? []).toString(), 'payment 20');
  assert.ok(seen.includes('disconnected'));
  assert.ok(seen.includes('reconnected'));
});

test('a server that starts later is waited for', async () => {
  const { url } = bench.server;
  await bench.server.stop();
  const waiting = connectBroker({ url, name: 'early' });
  await bench.crash();
  const broker = await waiting;
  assert.ok(broker.isConnected());
  await broker.close();
});

test('a server that never comes ends in an error that says where it looked', async () => {
  await bench.server.stop();
  const connecting = connectBroker({ url: bench.server.url, name: 'lonely', connectWaitMs: 600 });
  const error = await failure<BrokerError>(connecting);
  assert.is(error.code, 'NATS_UNREACHABLE');
  assert.match(error.message, String(bench.server.port));
  assert.ok(error.cause);
});

test('a closed connection says so and closes once', async () => {
  const broker = await bench.connect('short');
  const closed = new Promise<void>((resolve) => broker.onStatus(({ type }) => type === 'closed' && resolve()));
  await broker.close();
  await broker.close();
  await closed;
  assert.not(broker.isConnected());
});

test('flushing a server that is gone ends in an error, not in waiting', async () => {
  const lost = new Promise<void>((resolve) =>
    bench.broker.onStatus(({ type }) => type === 'disconnected' && resolve()),
  );
  await bench.server.kill();
  await lost;
  const error = await failure<BrokerError>(bench.broker.flush(200));
  assert.is(error.code, 'NATS_FLUSH_TIMEOUT');
  await bench.crash();
  await connected(bench.broker);
});

test.run();
