import { ensureTopology, paymentSubject, purgeAcked } from '@perennial/broker';
import { AckPolicy, DeliverPolicy } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultServer, openBench, type Bench } from './server.ts';

const test = suite('sweeping payments');
const dayMs = 24 * 60 * 60 * 1000;
let bench: Bench;

test.before.each(async () => {
  bench = await openBench(await defaultServer());
  await ensureTopology(bench.broker, { syncAlways: bench.server.syncAlways });
});
test.after.each(() => bench.end());

const inDays = (days: number) => new Date(Date.now() + days * dayMs);
const publish = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i += 1) await bench.broker.jetstream.publish(paymentSubject('test'), 'x');
};
const consumer = (config: { deliver_policy: DeliverPolicy; opt_start_seq?: number }) =>
  bench.broker.jetstreamManager.consumers.add('PAYMENTS', {
    durable_name: 'intake',
    ack_policy: AckPolicy.Explicit,
    ...config,
  });
const acknowledge = async (count: number): Promise<void> => {
  const intake = await bench.broker.jetstream.consumers.get('PAYMENTS', 'intake');
  for (let i = 0; i < count; i += 1) await (await intake.next({ expires: 5_000 }))?.ackAck();
};
const state = async () => (await bench.broker.jetstreamManager.streams.info('PAYMENTS')).state;

test('only what is acknowledged goes', async () => {
  await publish(10);
  await consumer({ deliver_policy: DeliverPolicy.All });
  await acknowledge(4);
  assert.equal(await purgeAcked(bench.broker, { consumer: 'intake', now: inDays(31) }), {
    purged: 4,
    firstSequence: 5,
  });
  assert.is((await state()).first_seq, 5);
  assert.is((await state()).messages, 6);
});

test('only what is old goes', async () => {
  await publish(10);
  await consumer({ deliver_policy: DeliverPolicy.All });
  await acknowledge(10);
  assert.is((await purgeAcked(bench.broker, { consumer: 'intake', now: inDays(29) })).purged, 0);
  assert.is((await purgeAcked(bench.broker, { consumer: 'intake', now: inDays(31) })).purged, 10);
});

test('the border lies between two messages stored at different times', async () => {
  await publish(3);
  const old = (await state()).last_ts;
  await publish(3);
  await consumer({ deliver_policy: DeliverPolicy.All });
  await acknowledge(6);
  // A millisecond after the third message and, because each publish waits for its turn on disk, at or before the fourth.
  const now = new Date(new Date(old).getTime() + 1);
  const report = await purgeAcked(bench.broker, { consumer: 'intake', olderThanMs: 0, now });
  const first = await bench.broker.jetstreamManager.streams.getMessage('PAYMENTS', { seq: report.firstSequence });
  assert.ok(first.time.getTime() >= now.getTime());
  assert.ok(report.purged >= 3);
});

test('a message out of order keeps everything behind it', async () => {
  await publish(3);
  await consumer({ deliver_policy: DeliverPolicy.All });
  const intake = await bench.broker.jetstream.consumers.get('PAYMENTS', 'intake');
  await intake.next({ expires: 5_000 });
  await acknowledge(2);
  assert.is((await purgeAcked(bench.broker, { consumer: 'intake', now: inDays(31) })).purged, 0);
});

test('a consumer created at a start covers what lies before it, and a missing one covers nothing', async () => {
  await publish(10);
  assert.is((await purgeAcked(bench.broker, { consumer: 'intake', now: inDays(31) })).purged, 0);
  await consumer({ deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: 6 });
  assert.is((await purgeAcked(bench.broker, { consumer: 'intake', now: inDays(31) })).purged, 5);
});

test('an empty stream, and one swept twice, are left alone', async () => {
  await consumer({ deliver_policy: DeliverPolicy.All });
  assert.is((await purgeAcked(bench.broker, { consumer: 'intake', now: inDays(31) })).purged, 0);
  await publish(2);
  await acknowledge(2);
  assert.is((await purgeAcked(bench.broker, { consumer: 'intake', now: inDays(31) })).purged, 2);
  assert.is((await purgeAcked(bench.broker, { consumer: 'intake', now: inDays(31) })).purged, 0);
});

test.run();
