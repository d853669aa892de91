import {
  ensureTopology,
  isLimitReached,
  isNoResponders,
  paymentSubject,
  readSyncAlways,
  viewKey,
  type TopologyMismatchError,
} from '@perennial/broker';
import { DiscardPolicy } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultServer, failure, openBench, type Bench } from './server.ts';

const test = suite('topology');
let bench: Bench;

test.before.each(async () => {
  bench = await openBench(await defaultServer());
});
test.after.each(() => bench.end());

const streamNames = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const { config } of bench.broker.jetstreamManager.streams.list()) found.push(config.name);
  return found.sort();
};

test('creates what is missing, and nothing the second time', async () => {
  const names = ['EVENTS', 'KV_views', 'PARKED', 'PAYMENTS'];
  const first = await ensureTopology(bench.broker, { syncAlways: true });
  assert.equal([...first.created].sort(), names);
  assert.equal((await ensureTopology(bench.broker, { syncAlways: true })).created, []);
  assert.equal(await streamNames(), names);
});

test('several processes may provision at the same time', async () => {
  const others = await Promise.all(['a', 'b', 'c'].map(bench.connect));
  const reports = await Promise.all(others.map((broker) => ensureTopology(broker)));
  assert.is(reports.length, 3);
  assert.is((await streamNames()).length, 4);
});

test('a stream that is not as needed is reported with every difference, and nothing is changed or created', async () => {
  const { streams } = bench.broker.jetstreamManager;
  await streams.add({
    name: 'PAYMENTS',
    subjects: ['billing.payments.v1.>'],
    discard: DiscardPolicy.Old,
    max_age: 1e12,
  });
  const error = await failure<TopologyMismatchError>(ensureTopology(bench.broker));
  assert.is(error.code, 'TOPOLOGY_MISMATCH');
  assert.equal(error.differences.map(({ field }) => field).sort(), ['discard', 'duplicate_window', 'max_age']);
  assert.equal(await streamNames(), ['PAYMENTS']);
  assert.is((await streams.info('PAYMENTS')).config.discard, 'old');
});

test('what an operator adds within the promises is left alone', async () => {
  await ensureTopology(bench.broker);
  const { streams } = bench.broker.jetstreamManager;
  await streams.update('PAYMENTS', { max_bytes: 50_000_000, description: 'ours' });
  await ensureTopology(bench.broker);
  assert.is((await streams.info('PAYMENTS')).config.description, 'ours');
});

test('a full PAYMENTS refuses the newest instead of dropping the oldest', async () => {
  await ensureTopology(bench.broker);
  await bench.broker.jetstreamManager.streams.update('PAYMENTS', { max_msgs: 1 });
  await bench.broker.jetstream.publish(paymentSubject('test'), 'first');
  const error = await failure(bench.broker.jetstream.publish(paymentSubject('test'), 'second'));
  assert.ok(isLimitReached(error));
  assert.not(isNoResponders(error));
});

test('a payment that is sent twice is stored once', async () => {
  await ensureTopology(bench.broker);
  const send = () => bench.broker.jetstream.publish(paymentSubject('test'), 'x', { msgID: 'test:evt_1' });
  const first = await send();
  await bench.crash();
  const again = await bench.connect('again');
  const second = await again.jetstream.publish(paymentSubject('test'), 'x', { msgID: 'test:evt_1' });
  assert.is(second.seq, first.seq);
  assert.ok(second.duplicate, 'the server remembers it over a crash');
});

test('the bucket of views is one that any client can read', async () => {
  await ensureTopology(bench.broker);
  const views = await bench.broker.jetstream.views.kv('views');
  const key = viewKey('licenses', 'acme', 'alice@x.org');
  await views.put(key, '{"a":1}');
  await views.put(key, '{"a":2}');
  assert.equal((await views.get(key))?.json(), { a: 2 });
  assert.is((await views.status()).history, 1);
  await views.delete(key);
  assert.is((await views.get(key))?.operation, 'DEL');
});

test('a server that cannot be seen to sync is warned about', async () => {
  const warnings: string[] = [];
  const report = await ensureTopology(bench.broker, { logger: { warn: (text) => warnings.push(text) } });
  assert.is(warnings.length, 1);
  assert.equal(report.warnings, warnings);
});

test('the embedded server is seen to sync exactly when its version can', async () => {
  assert.is(await readSyncAlways(bench.server.monitoringUrl), bench.server.syncAlways);
});

test.run();
