import {
  createFencedPublisher,
  ensureTopology,
  eventSubject,
  lastMessage,
  storedMessage,
  type Broker,
  type BrokerError,
  type FenceBrokenError,
  type FencedPublisher,
} from '@perennial/broker';
import { headers } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connected, defaultServer, failure, openBench, type Bench } from './server.ts';

const test = suite('fenced publisher');
let bench: Bench;

test.before.each(async () => {
  bench = await openBench(await defaultServer());
  await ensureTopology(bench.broker, { syncAlways: bench.server.syncAlways });
});
test.after.each(() => bench.end());

const message = (id: string) => ({ subject: eventSubject(1, 'Tested'), id, data: id });

async function publisherAtEnd(broker: Broker = bench.broker, windowMax = 64): Promise<FencedPublisher> {
  const { lastSequence } = await lastMessage(broker, 'EVENTS');
  return createFencedPublisher({ broker, stream: 'EVENTS', lastSequence, windowMax });
}

async function storedIds(): Promise<string[]> {
  const { lastSequence } = await lastMessage(bench.broker, 'EVENTS');
  const messages = await Promise.all(
    Array.from({ length: lastSequence }, (_, index) => storedMessage(bench.broker, 'EVENTS', index + 1)),
  );
  return messages.map((stored) => stored?.headers.get('Nats-Msg-Id') ?? '');
}

test('an empty stream has no last message, and the first one gets sequence 1', async () => {
  assert.equal(await lastMessage(bench.broker, 'EVENTS'), { lastSequence: 0 });
  const publisher = await publisherAtEnd();
  assert.is(await publisher.publish(message('first')), 1);
  publisher.close();
});

test('many messages in flight are stored in the order of the calls', async () => {
  const publisher = await publisherAtEnd();
  const sequences: Promise<number>[] = [];
  for (let i = 1; i <= 500; i += 1) {
    await publisher.ready();
    sequences.push(publisher.publish(message(`event-${i}`)));
  }
  const ids = Array.from({ length: 500 }, (_, index) => `event-${index + 1}`);
  assert.equal(
    await Promise.all(sequences),
    ids.map((_, index) => index + 1),
  );
  assert.equal(await storedIds(), ids);
  assert.is(publisher.lastSequence, 500);
  publisher.close();
});

test('headers of the caller are kept, and the last message brings them back', async () => {
  const publisher = await publisherAtEnd();
  const own = headers();
  own.set('Esdb-Position', '42');
  await publisher.publish({ ...message('with-headers'), headers: own });
  const { message: stored } = await lastMessage(bench.broker, 'EVENTS');
  assert.is(stored?.headers.get('Esdb-Position'), '42');
  assert.is(stored?.subject, eventSubject(1, 'Tested'));
  publisher.close();
});

test('a full window refuses without sending, and has room again later', async () => {
  const publisher = await publisherAtEnd(bench.broker, 2);
  const sent = [publisher.publish(message('a')), publisher.publish(message('b'))];
  const error = await failure<BrokerError>(publisher.publish(message('c')));
  assert.is(error.code, 'PUBLISH_WINDOW_FULL');
  await publisher.ready();
  sent.push(publisher.publish(message('d')));
  assert.equal(await Promise.all(sent), [1, 2, 3]);
  publisher.close();
});

test('of two publishers at the same place one breaks at once, and stays broken', async () => {
  const rival = await bench.connect('rival');
  const [first, second] = [await publisherAtEnd(), await publisherAtEnd(rival)];
  await first.publish(message('first'));
  const inFlight = ['x', 'y', 'z'].map((id) => failure<FenceBrokenError>(second.publish(message(id))));
  for (const error of await Promise.all(inFlight)) {
    assert.is(error.code, 'FENCE_BROKEN');
    // All in flight fail with what the first of them met.
    assert.is(error.reason, 'wrong-last-sequence');
  }
  assert.is((await failure<FenceBrokenError>(second.ready())).reason, 'wrong-last-sequence');
  await second.settled();
  assert.is(second.inFlight, 0);
  assert.equal(await storedIds(), ['first']);
  assert.is(await first.publish(message('second')), 2, 'the other one goes on');
  first.close();
});

test('two publishers that fight and resume never interleave, lose or repeat', async () => {
  const total = 300;
  const relay = async (broker: Broker): Promise<void> => {
    for (;;) {
      const { lastSequence } = await lastMessage(broker, 'EVENTS');
      if (lastSequence >= total) return;
      const publisher = createFencedPublisher({ broker, stream: 'EVENTS', lastSequence, windowMax: 16 });
      try {
        for (let next = lastSequence + 1; next <= total; next += 1) {
          await publisher.ready();
          void publisher.publish(message(`event-${next}`));
        }
      } catch (error) {
        assert.is((error as BrokerError).code, 'FENCE_BROKEN');
      }
      await publisher.settled();
      publisher.close();
    }
  };
  await Promise.all([relay(bench.broker), relay(await bench.connect('rival'))]);
  assert.equal(
    await storedIds(),
    Array.from({ length: total }, (_, index) => `event-${index + 1}`),
  );
});

test('a message that was already stored under its id breaks the chain', async () => {
  const first = await publisherAtEnd();
  await first.publish(message('same'));
  first.close();
  const second = await publisherAtEnd();
  const error = await failure<FenceBrokenError>(second.publish(message('same')));
  assert.ok(['duplicate', 'wrong-last-sequence'].includes(error.reason), error.reason);
  assert.equal(await storedIds(), ['same']);
});

test('a subject that no stream takes, or another stream, breaks the chain', async () => {
  const nobody = await publisherAtEnd();
  const missing = await failure<FenceBrokenError>(nobody.publish({ ...message('x'), subject: 'nobody.listens' }));
  assert.is(missing.reason, 'no-responders');
  const other = await publisherAtEnd();
  const wrong = await failure<FenceBrokenError>(other.publish({ ...message('x'), subject: 'billing.payments.v1.x' }));
  assert.is(wrong.reason, 'failed');
});

test('a server that dies with messages in flight rejects them all in time, and the next publisher goes on', async () => {
  const publisher = createFencedPublisher({ broker: bench.broker, stream: 'EVENTS', lastSequence: 0, ackWaitMs: 500 });
  await publisher.publish(message('before'));
  const lost = new Promise<void>((resolve) =>
    bench.broker.onStatus(({ type }) => type === 'disconnected' && resolve()),
  );
  await bench.server.kill();
  await lost;
  const results = ['a', 'b'].map((id) => failure<FenceBrokenError>(publisher.publish(message(id))));
  for (const error of await Promise.all(results)) assert.is(error.code, 'FENCE_BROKEN');
  await publisher.settled();
  await bench.crash();
  await connected(bench.broker);
  const next = await publisherAtEnd();
  const sequence = await next.publish(message('after'));
  assert.is(sequence, (await lastMessage(bench.broker, 'EVENTS')).lastSequence);
  next.close();
});

test('a closed publisher refuses', async () => {
  const publisher = await publisherAtEnd();
  publisher.close();
  assert.is((await failure<FenceBrokenError>(publisher.publish(message('late')))).reason, 'closed');
});

test.run();
