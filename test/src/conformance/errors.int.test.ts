import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ANY,
  binaryEvent,
  DeadlineExceededError,
  ErrorType,
  MaxAppendSizeExceededError,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  StreamNotFoundError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import {
  bytesOf,
  collect,
  configuredUrl,
  failureOf,
  openTarget,
  testEvent,
  testEvents,
  uniqueStream,
  unary,
  type Target,
} from './target.ts';

const test = suite('conformance: errors');
const MIB = 1024 * 1024;
let target: Target;
test.before(async () => {
  target = await openTarget();
});
test.after(() => target.close());

for (const path of ['batch', 'unary'] as const) {
  const options = path === 'unary' ? unary : {};

  for (const expectedRevision of [NO_STREAM, 0n, 123456789012345678n] as const) {
    test(`${path}: WrongExpectedVersionError names both versions (${String(expectedRevision)})`, async () => {
      const stream = uniqueStream('version');
      await target.client.appendToStream(stream, testEvents(2));
      const append = target.client.appendToStream(stream, testEvent('x'), { expectedRevision, ...options });
      const error = await failureOf(append, WrongExpectedVersionError);
      assert.is(error.type, ErrorType.WRONG_EXPECTED_VERSION);
      assert.is(error.streamName, stream);
      assert.is(error.expectedVersion, expectedRevision);
      assert.is(error.actualVersion, 1n);
    });
  }

  test(`${path}: WrongExpectedVersionError says when there is no stream`, async () => {
    const stream = uniqueStream('nothing');
    const append = target.client.appendToStream(stream, testEvent('x'), {
      expectedRevision: STREAM_EXISTS,
      ...options,
    });
    const error = await failureOf(append, WrongExpectedVersionError);
    assert.is(error.expectedVersion, STREAM_EXISTS);
    assert.is(error.actualVersion, NO_STREAM);
  });

  test(`${path}: StreamDeletedError names the stream`, async () => {
    const stream = uniqueStream('gone');
    await target.client.tombstoneStream(stream);
    const append = target.client.appendToStream(stream, testEvent('x'), { expectedRevision: ANY, ...options });
    const error = await failureOf(append, StreamDeletedError);
    assert.is(error.type, ErrorType.STREAM_DELETED);
    assert.is(error.streamName, stream);
  });

  test(`${path}: an event with something else than a UUID for an id is refused, alone`, async () => {
    const stream = uniqueStream('id');
    const neighbour = target.client.appendToStream(stream, testEvent('good'), { expectedRevision: ANY, ...options });
    await failureOf(target.client.appendToStream(stream, testEvent('bad', 'not-a-uuid'), { ...options }), UnknownError);
    assert.is((await neighbour).success, true);
    assert.is((await collect(target.client.readStream(stream))).length, 1);
  });

  test(`${path}: an event without a type is refused`, async () => {
    const event = { ...testEvent('x'), type: '' as 'Tested' };
    await failureOf(target.client.appendToStream(uniqueStream('type'), event, { ...options }), UnknownError);
  });

  // Servers from 25.1 on take 256 MiB.
  if (configuredUrl === undefined) {
    test(`${path}: MaxAppendSizeExceededError comes exactly above the limit, and names it`, async () => {
      const stream = uniqueStream('size');
      // An event counts its data, its metadata and twice the length of its type.
      const largest = binaryEvent({ type: 'Size', data: new Uint8Array(MIB - 8) });
      await target.client.appendToStream(stream, largest, { expectedRevision: NO_STREAM, ...options });
      const tooLarge = binaryEvent({ type: 'Size', data: new Uint8Array(MIB - 7) });
      const append = target.client.appendToStream(stream, tooLarge, { expectedRevision: 0n, ...options });
      const error = await failureOf(append, MaxAppendSizeExceededError);
      assert.is(error.type, ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED);
      assert.is(error.maxAppendSize, MIB);
      const [read] = await collect(target.client.readStream(stream));
      assert.is(bytesOf(read).length, MIB - 8);
    });

    test(`${path}: the limit counts all events of an append, which is written whole or not at all`, async () => {
      const stream = uniqueStream('sum');
      const events = Array.from({ length: 5 }, () => binaryEvent({ type: 'Size', data: new Uint8Array(300_000) }));
      await failureOf(target.client.appendToStream(stream, events, { ...options }), MaxAppendSizeExceededError);
      await failureOf(collect(target.client.readStream(stream)), StreamNotFoundError);
      const after = await target.client.appendToStream(stream, testEvent('small'), { ...options });
      assert.is(after.nextExpectedRevision, 0n);
    });
  }
}

test('StreamNotFoundError names the stream', async () => {
  const stream = uniqueStream('not-found');
  const error = await failureOf(collect(target.client.readStream(stream)), StreamNotFoundError);
  assert.is(error.type, ErrorType.STREAM_NOT_FOUND);
  assert.is(error.streamName, stream);
});

test('reading the log from a position at which no event is fails', async () => {
  const { position } = await target.client.appendToStream(uniqueStream('boundary'), testEvents(2));
  const between = { commit: (position?.commit ?? 0n) - 1n, prepare: (position?.commit ?? 0n) - 1n };
  await failureOf(collect(target.client.readAll({ fromPosition: between })), UnknownError);
});

test('a batch append whose deadline has passed is answered with DeadlineExceededError', async () => {
  const append = target.client.appendToStream(uniqueStream('deadline'), testEvent('late'), { deadline: -1000 });
  await failureOf(append, DeadlineExceededError);
});

test('an error of one append leaves the others of the same client alone', async () => {
  const good = uniqueStream('good');
  const tombstoned = uniqueStream('tombstoned');
  await target.client.tombstoneStream(tombstoned);
  const attempts = Array.from({ length: 30 }, (_, index) =>
    target.client.appendToStream(index % 3 === 0 ? tombstoned : `${good}-${index}`, testEvent(String(index))),
  );
  const settled = await Promise.allSettled(attempts);
  settled.forEach(({ status }, index) => assert.is(status, index % 3 === 0 ? 'rejected' : 'fulfilled'));
});

test.run();
