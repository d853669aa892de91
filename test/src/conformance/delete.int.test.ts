import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  BACKWARDS,
  END,
  NO_STREAM,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import {
  collect,
  failureOf,
  openTarget,
  revisionsOf,
  testEvent,
  testEvents,
  uniqueStream,
  type Target,
} from './target.ts';

const test = suite('conformance: delete and tombstone');
let target: Target;
test.before(async () => {
  target = await openTarget();
});
test.after(() => target.close());

async function streamOf(count: number): Promise<string> {
  const stream = uniqueStream('delete');
  await target.client.appendToStream(stream, testEvents(count));
  return stream;
}

test('a soft-deleted stream is not found', async () => {
  const stream = await streamOf(2);
  const { position } = await target.client.deleteStream(stream);
  assert.ok(position);
  await failureOf(collect(target.client.readStream(stream)), StreamNotFoundError);
});

test('a revived stream goes on counting and shows only what came after', async () => {
  const stream = await streamOf(3);
  await target.client.deleteStream(stream);
  const { nextExpectedRevision } = await target.client.appendToStream(stream, testEvents(2), {
    expectedRevision: NO_STREAM,
  });
  assert.is(nextExpectedRevision, 4n);
  assert.equal(await revisionsOf(target.client.readStream(stream)), [3n, 4n]);
  const backwards = { direction: BACKWARDS, fromRevision: END } as const;
  assert.equal(await revisionsOf(target.client.readStream(stream, backwards)), [4n, 3n]);
  assert.is((await target.client.getStreamMetadata(stream)).metadata?.truncateBefore, 3);
});

test('writing metadata revives a soft-deleted stream, and keeps what was written', async () => {
  const stream = await streamOf(2);
  await target.client.deleteStream(stream);
  await target.client.setStreamMetadata(stream, { maxCount: 5, own: 'kept' });
  assert.equal(await revisionsOf(target.client.readStream(stream)), []);
  assert.equal((await target.client.getStreamMetadata(stream)).metadata, {
    maxCount: 5,
    own: 'kept',
    truncateBefore: 2,
  });
  await target.client.appendToStream(stream, testEvent('after'));
  assert.equal(await revisionsOf(target.client.readStream(stream)), [2n]);
});

test('a stream can be deleted and revived again and again', async () => {
  const stream = await streamOf(1);
  for (let round = 1n; round <= 3n; round += 1n) {
    await target.client.deleteStream(stream);
    await target.client.appendToStream(stream, testEvent(String(round)));
    assert.equal(await revisionsOf(target.client.readStream(stream)), [round]);
  }
});

test('deleting at the right revision works, at another it is refused with both versions', async () => {
  const stream = await streamOf(3);
  for (const wrong of [1n, 9n]) {
    const error = await failureOf(
      target.client.deleteStream(stream, { expectedRevision: wrong }),
      WrongExpectedVersionError,
    );
    assert.is(error.streamName, stream);
    assert.is(error.expectedVersion, wrong);
    assert.is(error.actualVersion, 2n);
  }
  await target.client.deleteStream(stream, { expectedRevision: 2n });
  await failureOf(collect(target.client.readStream(stream)), StreamNotFoundError);
});

test('deleting a stream that was never written is refused', async () => {
  const error = await failureOf(target.client.deleteStream(uniqueStream('none')), WrongExpectedVersionError);
  assert.is(error.expectedVersion, -2n);
  assert.is(error.actualVersion, -1n);
});

test('a stream that has only metadata can be deleted, and begins at 0 when it is written', async () => {
  const stream = uniqueStream('metadata-only');
  await target.client.setStreamMetadata(stream, { cacheControl: 1 });
  await target.client.deleteStream(stream, { expectedRevision: NO_STREAM });
  const { nextExpectedRevision } = await target.client.appendToStream(stream, testEvent('first'));
  assert.is(nextExpectedRevision, 0n);
  assert.equal(await revisionsOf(target.client.readStream(stream)), [0n]);
});

test('a stream can be tombstoned before it was ever written', async () => {
  const stream = uniqueStream('early');
  const { position } = await target.client.tombstoneStream(stream, { expectedRevision: NO_STREAM });
  assert.ok(position);
  await failureOf(target.client.appendToStream(stream, testEvent('too late')), StreamDeletedError);
});

test('tombstoning at another revision is refused with both versions', async () => {
  const stream = await streamOf(2);
  const error = await failureOf(
    target.client.tombstoneStream(stream, { expectedRevision: NO_STREAM }),
    WrongExpectedVersionError,
  );
  assert.is(error.expectedVersion, -1n);
  assert.is(error.actualVersion, 1n);
  assert.equal(await revisionsOf(target.client.readStream(stream)), [0n, 1n]);
});

test('nothing can be done to a tombstoned stream', async () => {
  const stream = await streamOf(1);
  await target.client.tombstoneStream(stream);
  const attempts = [
    () => target.client.deleteStream(stream),
    () => target.client.tombstoneStream(stream),
    () => target.client.setStreamMetadata(stream, { maxCount: 1 }),
    () => target.client.getStreamMetadata(stream),
    () => target.client.appendToStream(stream, testEvent('too late')),
  ];
  for (const attempt of attempts) await failureOf(attempt(), StreamDeletedError);
});

test('a soft-deleted stream can still be tombstoned', async () => {
  const stream = await streamOf(1);
  await target.client.deleteStream(stream);
  await target.client.tombstoneStream(stream);
  await failureOf(collect(target.client.readStream(stream)), StreamDeletedError);
});

test('metadata has revisions of its own, and expected revisions', async () => {
  const stream = await streamOf(1);
  await target.client.setStreamMetadata(stream, { maxCount: 1 }, { expectedRevision: NO_STREAM });
  await target.client.setStreamMetadata(stream, { maxCount: 2 }, { expectedRevision: 0n });
  const error = await failureOf(
    target.client.setStreamMetadata(stream, { maxCount: 3 }, { expectedRevision: 0n }),
    WrongExpectedVersionError,
  );
  assert.is(error.actualVersion, 1n);
  assert.is((await target.client.getStreamMetadata(stream)).metadata?.maxCount, 2);
});

test.run();
