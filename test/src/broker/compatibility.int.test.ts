import {
  createFencedPublisher,
  ensureTopology,
  eventSubject,
  lastMessage,
  paymentSubject,
  readSyncAlways,
  type FenceBrokenError,
} from '@perennial/broker';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connected, failure, openBench, serverOf } from './server.ts';

const test = suite('server versions');

// The machine's own packages (2.9 on Debian 12), stable, and testing.
for (const packageSuite of ['own', 'trixie', 'forky']) {
  test(`the server of ${packageSuite} provisions, fences, and keeps what it acknowledged`, async () => {
    const binary = await serverOf(packageSuite);
    if (binary === undefined) return;
    const bench = await openBench(binary);
    try {
      const { broker, server } = bench;
      const report = await ensureTopology(broker, { syncAlways: server.syncAlways });
      assert.is(report.created.length, 4);
      assert.equal(report.asyncPersist, broker.capabilities.asyncPersist ? ['EVENTS'] : []);
      assert.is(await readSyncAlways(server.monitoringUrl), server.syncAlways);
      assert.equal((await ensureTopology(broker, { syncAlways: server.syncAlways })).created, []);

      const options = { broker, stream: 'EVENTS', lastSequence: 0 };
      const [first, rival] = [createFencedPublisher(options), createFencedPublisher(options)];
      for (let i = 1; i <= 50; i += 1)
        void first.publish({ subject: eventSubject(i % 16, 'T'), id: `e${i}`, data: 'x' });
      await first.settled();
      assert.is(first.lastSequence, 50);
      const broken = await failure<FenceBrokenError>(
        rival.publish({ subject: eventSubject(0, 'T'), id: 'r', data: 'x' }),
      );
      assert.is(broken.reason, 'wrong-last-sequence');
      first.close();

      for (let i = 1; i <= 20; i += 1) await broker.jetstream.publish(paymentSubject('test'), 'x', { msgID: `p${i}` });
      const lost = new Promise<void>((resolve) => broker.onStatus(({ type }) => type === 'disconnected' && resolve()));
      await bench.crash();
      await lost;
      await connected(broker);
      assert.is((await lastMessage(broker, 'PAYMENTS')).lastSequence, 20);
      console.log(`\nNOTE ${packageSuite} is nats-server ${binary.version}${server.syncAlways ? ', synced' : ''}`);
    } finally {
      await bench.end();
    }
  });
}

test.run();
