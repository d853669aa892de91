import { setTimeout as delay } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  BACKWARDS,
  binaryEvent,
  END,
  FORWARDS,
  jsonEvent,
  START,
  StreamDeletedError,
  StreamNotFoundError,
  type Direction,
  type Position,
  type ReadRevision,
  type ResolvedEvent,
} from '@eventstore/db-client';
import {
  bytesOf,
  collect,
  failureOf,
  idsOf,
  openTarget,
  revisionsOf,
  testEvent,
  testEvents,
  uniqueStream,
  type Target,
} from './target.ts';

const test = suite('conformance: read');
let target: Target;
test.before(async () => {
  target = await openTarget();
});
test.after(() => target.close());

async function streamOf(count: number): Promise<string> {
  const stream = uniqueStream('read');
  await target.client.appendToStream(stream, testEvents(count));
  return stream;
}

const bounds: [Direction, ReadRevision, number, bigint[]][] = [
  [FORWARDS, START, 100, [0n, 1n, 2n, 3n, 4n]],
  [FORWARDS, START, 2, [0n, 1n]],
  [FORWARDS, 3n, 100, [3n, 4n]],
  [FORWARDS, 4n, 1, [4n]],
  [FORWARDS, 5n, 10, []],
  [FORWARDS, 500n, 10, []],
  [FORWARDS, END, 10, []],
  [BACKWARDS, END, 100, [4n, 3n, 2n, 1n, 0n]],
  [BACKWARDS, END, 1, [4n]],
  [BACKWARDS, 2n, 100, [2n, 1n, 0n]],
  [BACKWARDS, 2n, 2, [2n, 1n]],
  [BACKWARDS, START, 10, [0n]],
];
for (const [direction, fromRevision, maxCount, revisions] of bounds) {
  test(`a stream of 5, ${direction} from ${String(fromRevision)}, at most ${maxCount} → [${revisions.join(' ')}]`, async () => {
    const stream = await streamOf(5);
    assert.equal(await revisionsOf(target.client.readStream(stream, { direction, fromRevision, maxCount })), revisions);
  });
}

test('a long stream comes back whole and in order, in both directions', async () => {
  const stream = await streamOf(1500);
  const forwards = await revisionsOf(target.client.readStream(stream));
  assert.equal(
    forwards,
    Array.from({ length: 1500 }, (_, index) => BigInt(index)),
  );
  const backwards = await revisionsOf(target.client.readStream(stream, { direction: BACKWARDS, fromRevision: END }));
  assert.equal(backwards, forwards.reverse());
});

test('an event comes back as it was written', async () => {
  const stream = uniqueStream('whole');
  const before = Date.now();
  const event = jsonEvent({
    type: 'Größe-geändert',
    data: { text: 'naïve ✓ 漢字 \u0000', nested: { list: [1, 2.5, null, true] } },
    metadata: { $correlationId: 'c', empty: '' },
  });
  const { position } = await target.client.appendToStream(stream, event);
  const [read] = await collect(target.client.readStream(stream));
  const stored = read?.event;
  assert.ok(stored);
  assert.is(stored.id, event.id);
  assert.is(stored.streamId, stream);
  assert.is(stored.revision, 0n);
  assert.is(stored.type, event.type);
  assert.is(stored.isJson, true);
  assert.equal(stored.data, event.data);
  assert.equal(stored.metadata, event.metadata);
  assert.equal(stored.position, position);
  assert.is(read?.commitPosition, position?.commit);
  assert.is(read?.link, undefined);
  assert.ok(stored.created.getTime() >= before - 60_000 && stored.created.getTime() <= Date.now() + 60_000);
});

test('binary data and metadata come back byte for byte', async () => {
  const stream = uniqueStream('binary');
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
  await target.client.appendToStream(stream, binaryEvent({ type: 'Raw', data: bytes, metadata: bytes.slice(128) }));
  const [read] = await collect(target.client.readStream(stream));
  assert.is(read?.event?.isJson, false);
  assert.equal(Buffer.from(bytesOf(read)), Buffer.from(bytes));
  assert.equal(Buffer.from(read?.event?.metadata as Uint8Array), Buffer.from(bytes.slice(128)));
});

test('an event without metadata has none', async () => {
  const stream = uniqueStream('bare');
  await target.client.appendToStream(stream, jsonEvent({ type: 'Bare', data: {} }));
  const [read] = await collect(target.client.readStream(stream));
  assert.equal(read?.event?.data, {});
  assert.is(read?.event?.metadata, undefined);
});

test('reading a stream that was never written is StreamNotFoundError, in both directions', async () => {
  const stream = uniqueStream('missing');
  for (const direction of [FORWARDS, BACKWARDS] as const) {
    const read = collect(target.client.readStream(stream, { direction, fromRevision: START }));
    assert.is((await failureOf(read, StreamNotFoundError)).streamName, stream);
  }
});

test('a stream that has only metadata is not found', async () => {
  const stream = uniqueStream('metadata-only');
  await target.client.setStreamMetadata(stream, { maxCount: 3 });
  await failureOf(collect(target.client.readStream(stream)), StreamNotFoundError);
});

test('maxCount keeps the newest events, in both directions', async () => {
  const stream = await streamOf(6);
  await target.client.setStreamMetadata(stream, { maxCount: 2 });
  assert.equal(await revisionsOf(target.client.readStream(stream)), [4n, 5n]);
  assert.equal(await revisionsOf(target.client.readStream(stream, { fromRevision: 1n })), [4n, 5n]);
  const backwards = { direction: BACKWARDS, fromRevision: END } as const;
  assert.equal(await revisionsOf(target.client.readStream(stream, backwards)), [5n, 4n]);
  await target.client.appendToStream(stream, testEvent('one more'));
  assert.equal(await revisionsOf(target.client.readStream(stream)), [5n, 6n]);
});

test('truncateBefore hides what is before it', async () => {
  const stream = await streamOf(6);
  await target.client.setStreamMetadata(stream, { truncateBefore: 4 });
  assert.equal(await revisionsOf(target.client.readStream(stream)), [4n, 5n]);
  assert.equal(await revisionsOf(target.client.readStream(stream, { direction: BACKWARDS, fromRevision: 2n })), []);
});

test('truncateBefore past the end leaves an empty stream, not a missing one', async () => {
  const stream = await streamOf(3);
  await target.client.setStreamMetadata(stream, { truncateBefore: 10 });
  assert.equal(await revisionsOf(target.client.readStream(stream)), []);
});

test('maxAge hides events older than its seconds', async () => {
  const stream = await streamOf(2);
  await target.client.setStreamMetadata(stream, { maxAge: 1 });
  const deadline = Date.now() + 30_000;
  let revisions = await revisionsOf(target.client.readStream(stream));
  while (revisions.length > 0 && Date.now() < deadline) {
    await delay(100);
    revisions = await revisionsOf(target.client.readStream(stream));
  }
  assert.equal(revisions, []);
  await target.client.appendToStream(stream, testEvent('young'));
  assert.equal(await revisionsOf(target.client.readStream(stream)), [2n]);
});

test('a metastream shows only its last event', async () => {
  const stream = await streamOf(1);
  for (const maxCount of [1, 2, 3]) await target.client.setStreamMetadata(stream, { maxCount });
  assert.equal(await revisionsOf(target.client.readStream(`$$${stream}`)), [2n]);
});

test('metadata comes back as it was set, the last time', async () => {
  const stream = await streamOf(1);
  assert.is((await target.client.getStreamMetadata(stream)).metadata, undefined);
  await target.client.setStreamMetadata(stream, { maxCount: 9 });
  const metadata = { maxAge: 100, maxCount: 8, cacheControl: 7, truncateBefore: 0, own: { deep: [1] } };
  await target.client.setStreamMetadata(stream, metadata);
  assert.equal((await target.client.getStreamMetadata(stream)).metadata, metadata);
});

test('a link is resolved on demand, and keeps its own position', async () => {
  const source = await streamOf(2);
  const links = uniqueStream('links');
  const data = Buffer.from(`1@${source}`);
  await target.client.appendToStream(links, binaryEvent({ type: '$>', data }));
  const [plain] = await collect(target.client.readStream(links, { resolveLinkTos: false }));
  assert.is(plain?.event?.type, '$>');
  assert.is(plain?.link, undefined);
  const [resolved] = await collect(target.client.readStream(links, { resolveLinkTos: true }));
  assert.is(resolved?.event?.streamId, source);
  assert.is(resolved?.event?.revision, 1n);
  assert.is(resolved?.link?.streamId, links);
  assert.is(resolved?.commitPosition, plain?.commitPosition);
});

test('a link to nothing is a link without an event', async () => {
  const links = uniqueStream('dangling');
  const data = Buffer.from(`5@${uniqueStream('nowhere')}`);
  await target.client.appendToStream(links, binaryEvent({ type: '$>', data }));
  const [resolved] = await collect(target.client.readStream(links, { resolveLinkTos: true }));
  assert.is(resolved?.event, undefined);
  assert.is(resolved?.link?.streamId, links);
});

test('a tombstoned stream cannot be read, in either direction', async () => {
  const stream = await streamOf(1);
  await target.client.tombstoneStream(stream);
  for (const name of [stream, `$$${stream}`]) {
    const error = await failureOf(collect(target.client.readStream(name)), StreamDeletedError);
    assert.is(error.streamName, name);
  }
});

/** Three events in three streams, and the position of each. */
async function threeInTheLog(): Promise<{ ids: string[]; positions: Position[] }> {
  const events = testEvents(3);
  const positions: Position[] = [];
  for (const event of events) {
    const { position } = await target.client.appendToStream(uniqueStream('all'), event);
    assert.ok(position);
    positions.push(position);
  }
  return { ids: idsOf(events), positions };
}

function idsIn(events: ResolvedEvent[], ids: string[]): string[] {
  return events.flatMap(({ event }) => (event && ids.includes(event.id) ? [event.id] : []));
}

test('the log forwards from a position begins with the event there', async () => {
  const { ids, positions } = await threeInTheLog();
  const events = await collect(target.client.readAll({ fromPosition: positions[1] ?? START }));
  assert.is(events[0]?.event?.id, ids[1]);
  assert.equal(idsIn(events, ids), ids.slice(1));
});

test('the log backwards from a position begins with the event before it', async () => {
  const { ids, positions } = await threeInTheLog();
  const events = await collect(
    target.client.readAll({ direction: BACKWARDS, fromPosition: positions[2] ?? END, maxCount: 2 }),
  );
  assert.is(events[0]?.event?.id, ids[1]);
  assert.equal(idsIn(events, ids), [ids[1], ids[0]]);
});

test('the log backwards from its end begins with the last event, forwards it is empty', async () => {
  const { ids } = await threeInTheLog();
  const backwards = await collect(target.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 3 }));
  assert.equal(idsIn(backwards, ids), [...ids].reverse());
  assert.equal(await collect(target.client.readAll({ fromPosition: END })), []);
});

test('the log from its start holds everything once, in order of position', async () => {
  const { ids } = await threeInTheLog();
  const events = await collect(target.client.readAll({ fromPosition: START }));
  assert.equal(idsIn(events, ids), ids);
  const positions = events.map(({ commitPosition }) => commitPosition ?? -1n);
  positions.forEach((position, index) => assert.ok(index === 0 || position > (positions[index - 1] ?? 0n)));
});

test('the log shows metadata events, and events their stream no longer shows', async () => {
  const { positions } = await threeInTheLog();
  const stream = await streamOf(2);
  await target.client.setStreamMetadata(stream, { maxCount: 1 });
  await target.client.deleteStream(stream);
  const events = await collect(target.client.readAll({ fromPosition: positions[2] ?? START }));
  const seen = events.flatMap(({ event }) => (event?.streamId.endsWith(stream) ? [event.type] : []));
  assert.equal(seen, ['Tested', 'Tested', '$metadata', '$metadata']);
});

test.run();
