import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { binaryEvent, EventStoreDBClient, MaxAppendSizeExceededError, NO_STREAM } from '@eventstore/db-client';
import { bytesOf, collect, openTarget, uniqueStream, unary, type Target } from './target.ts';

const test = suite('conformance: appends of several messages');
let target: Target;
test.before(async () => {
  // Larger than production's strictest limit, or the client would never have to split.
  target = await openTarget({ appendBytesMax: 16 * 1024 * 1024 });
});
test.after(() => target.close());

for (const path of ['batch', 'unary'] as const) {
  test(`${path}: 8 MiB in 16 events is one append, in order`, async () => {
    const stream = uniqueStream('large');
    const events = Array.from({ length: 16 }, (_, index) =>
      binaryEvent({ type: 'Large', data: new Uint8Array(512 * 1024).fill(index) }),
    );
    const options = path === 'unary' ? unary : {};
    const append = target.client.appendToStream(stream, events, { expectedRevision: NO_STREAM, ...options });
    const result = await append.catch((error: unknown) => {
      // A configured server up to 25.0 takes 1 MiB, and must say so.
      assert.instance(error, MaxAppendSizeExceededError);
    });
    if (!result) return;
    assert.is(result.nextExpectedRevision, 15n);
    const read = await collect(target.client.readStream(stream));
    assert.equal(
      read.map(({ event }) => event?.id),
      events.map(({ id }) => id),
    );
    read.forEach((event, index) => assert.is(bytesOf(event)[1000], index));
  });
}

test('the parts of appends made at the same time do not mix', async () => {
  const client = target.client;
  assert.instance(client, EventStoreDBClient);
  const streams = Array.from({ length: 4 }, (_, index) => uniqueStream(`mixed-${index}`));
  const appends = streams.map((stream, index) =>
    client.appendToStream(
      stream,
      Array.from({ length: 10 }, () => binaryEvent({ type: 'Part', data: new Uint8Array(80_000).fill(index) })),
      { expectedRevision: NO_STREAM, batchAppendSize: 100_000 },
    ),
  );
  for (const { nextExpectedRevision } of await Promise.all(appends)) assert.is(nextExpectedRevision, 9n);
  for (const [index, stream] of streams.entries()) {
    const read = await collect(client.readStream(stream));
    assert.ok(read.every((event) => bytesOf(event)[0] === index));
  }
});

test.run();
