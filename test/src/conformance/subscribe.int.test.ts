import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  END,
  eventTypeFilter,
  jsonEvent,
  START,
  StreamDeletedError,
  streamNameFilter,
  UnknownError,
  type Filter,
  type Position,
  type ReadPosition,
  type ReadRevision,
} from '@eventstore/db-client';
import { endOfLog, RecordedSubscription } from './recorded-subscription.ts';
import { openTarget, testEvent, testEvents, uniqueStream, type Target } from './target.ts';

const test = suite('conformance: subscribe');
let target: Target;
const open: RecordedSubscription[] = [];
test.before(async () => {
  target = await openTarget();
});
test.after.each(async () => {
  for (const subscription of open.splice(0)) await subscription.unsubscribe();
});
test.after(() => target.close());

function toStream(stream: string, fromRevision: ReadRevision = START): RecordedSubscription {
  const subscription = new RecordedSubscription(() => target.client.subscribeToStream(stream, { fromRevision }));
  open.push(subscription);
  return subscription;
}

type FilterWithoutCallback = (checkpointReached: (position: Position) => void) => Filter;

function toAll(fromPosition: ReadPosition, filter?: FilterWithoutCallback): RecordedSubscription {
  const subscription = new RecordedSubscription((reached) =>
    target.client.subscribeToAll({ fromPosition, ...(filter && { filter: filter(reached) }) }),
  );
  open.push(subscription);
  return subscription;
}

async function append(stream: string, ...labels: string[]): Promise<Position> {
  const { position } = await target.client.appendToStream(
    stream,
    labels.map((label) => testEvent(label)),
  );
  assert.ok(position);
  return position;
}

const starts: [ReadRevision, string[], string[]][] = [
  [START, ['a', 'b', 'c'], ['d']],
  [0n, ['b', 'c'], ['d']],
  [1n, ['c'], ['d']],
  [2n, [], ['d']],
  [END, [], ['d']],
  [3n, [], []],
];
for (const [from, stored, live] of starts) {
  test(`a stream of a b c after ${String(from)}: first [${stored.join(' ')}], then live [${live.join(' ')}]`, async () => {
    const stream = uniqueStream('from');
    await append(stream, 'a', 'b', 'c');
    const subscription = toStream(stream, from);
    await subscription.untilLive();
    assert.equal(subscription.log, ['confirmed', ...stored, 'live']);
    await append(stream, 'd', 'e');
    await subscription.untilLabels([...stored, ...live, 'e']);
  });
}

test('a stream that does not exist yet is waited for', async () => {
  const stream = uniqueStream('later');
  const subscription = toStream(stream);
  await subscription.untilLive();
  assert.equal(subscription.log, ['confirmed', 'live']);
  await append(stream, 'first');
  await subscription.untilLabels(['first']);
});

test('a subscription to a stream sees no other stream', async () => {
  const stream = uniqueStream('own');
  const subscription = toStream(stream);
  await subscription.untilLive();
  await append(`${stream}-other`, 'foreign');
  await append(stream, 'own');
  await subscription.untilLabels(['own']);
});

test('a subscription catches up on what its stream still shows', async () => {
  const stream = uniqueStream('kept');
  await append(stream, 'a', 'b', 'c');
  await target.client.setStreamMetadata(stream, { maxCount: 1 });
  const subscription = toStream(stream);
  await subscription.untilLabels(['c']);
});

test('a live subscription is sent every event, however few its stream keeps', async () => {
  const stream = uniqueStream('bounded');
  await target.client.setStreamMetadata(stream, { maxCount: 1 });
  const subscription = toStream(stream);
  await subscription.untilLive();
  await append(stream, 'a', 'b', 'c');
  await subscription.untilLabels(['a', 'b', 'c']);
});

test('a subscription survives a soft delete and sees what comes after', async () => {
  const stream = uniqueStream('revived');
  await append(stream, 'a');
  const subscription = toStream(stream);
  await subscription.untilLive();
  await target.client.deleteStream(stream);
  await append(stream, 'b');
  await subscription.untilLabels(['a', 'b']);
  assert.is(subscription.events[1]?.event?.revision, 1n);
});

test('a subscription to a soft-deleted stream waits', async () => {
  const stream = uniqueStream('deleted');
  await append(stream, 'a');
  await target.client.deleteStream(stream);
  const subscription = toStream(stream);
  await subscription.untilLive();
  await append(stream, 'b');
  await subscription.untilLabels(['b']);
});

test('a subscription to a tombstoned stream ends with StreamDeletedError', async () => {
  const stream = uniqueStream('tombstoned');
  await append(stream, 'a');
  await target.client.tombstoneStream(stream);
  const error = await toStream(stream).untilEnd();
  assert.instance(error, StreamDeletedError);
});

test('a tombstone is the last event of a live subscription, before its error', async () => {
  const stream = uniqueStream('ending');
  await append(stream, 'a');
  const subscription = toStream(stream);
  await subscription.untilLive();
  await target.client.tombstoneStream(stream);
  assert.instance(await subscription.untilEnd(), StreamDeletedError);
  assert.equal(subscription.log, ['confirmed', 'a', 'live', '$streamDeleted', 'end']);
  assert.is(subscription.events[1]?.event?.revision, 9223372036854775807n);
});

test('catching up with a long stream misses nothing that is appended meanwhile', async () => {
  const stream = uniqueStream('long');
  await target.client.appendToStream(stream, testEvents(600));
  const subscription = toStream(stream);
  for (let round = 0; round < 20; round += 1) await target.client.appendToStream(stream, testEvents(10));
  await subscription.until('800 events', () => subscription.events.length >= 800);
  subscription.events.forEach(({ event }, index) => assert.is(event?.revision, BigInt(index)));
});

test('the log after a position begins with the next event, and goes on live', async () => {
  const stream = uniqueStream('all');
  const filter: FilterWithoutCallback = () => streamNameFilter({ prefixes: [stream] });
  const start = await endOfLog(target.client, `x${stream}`);
  const first = await append(stream, 'a');
  await append(stream, 'b');
  const fromStart = toAll(start, filter);
  await fromStart.untilLive();
  assert.equal(
    fromStart.log.filter((entry) => entry !== 'checkpoint'),
    ['confirmed', 'a', 'b', 'live'],
  );
  const fromFirst = toAll(first, filter);
  const fromEnd = toAll(END, filter);
  await fromFirst.untilLive();
  await fromEnd.untilLive();
  await append(stream, 'c');
  await fromStart.untilLabels(['a', 'b', 'c']);
  await fromFirst.untilLabels(['b', 'c']);
  await fromEnd.untilLabels(['c']);
});

test('the whole log from its start holds every event of a stream once', async () => {
  const stream = uniqueStream('whole');
  await append(stream, 'a', 'b');
  const subscription = toAll(START, () => streamNameFilter({ prefixes: [stream] }));
  await subscription.untilLabels(['a', 'b']);
});

test('events of the log carry increasing positions, the position of their append last', async () => {
  const stream = uniqueStream('positions');
  const start = await endOfLog(target.client, stream);
  const last = await append(stream, 'a', 'b', 'c');
  const subscription = toAll(start, () => streamNameFilter({ prefixes: [stream] }));
  await subscription.untilLabels(['a', 'b', 'c']);
  const positions = subscription.events.map(({ event }) => event?.position?.commit ?? 0n);
  assert.is(positions[2], last.commit);
  assert.ok((positions[0] ?? 0n) > start.commit && (positions[0] ?? 0n) < (positions[1] ?? 0n));
});

const filters: [string, (stream: string) => FilterWithoutCallback, string[]][] = [
  [
    'a prefix of the stream name',
    (stream) => () => streamNameFilter({ prefixes: [`${stream}-x`] }),
    ['x1', 'x2', 'x3'],
  ],
  [
    'either of two prefixes',
    (stream) => () => streamNameFilter({ prefixes: [`${stream}-x`, `${stream}-y`] }),
    ['x1', 'y1', 'x2', 'x3'],
  ],
  ['a pattern of the stream name', (stream) => () => streamNameFilter({ regex: `^${stream}-[yz]` }), ['y1', 'z1']],
  ['a prefix of the type', (stream) => () => eventTypeFilter({ prefixes: [`B-${stream}`] }), ['y1', 'x3']],
  ['a pattern of the type', (stream) => () => eventTypeFilter({ regex: `^[AC]-${stream}$` }), ['x1', 'x2', 'z1']],
];
for (const [name, filter, expected] of filters) {
  test(`a filter on ${name} lets exactly its events through, stored and live`, async () => {
    const stream = uniqueStream('filter');
    const start = await endOfLog(target.client, `other-${stream}`);
    const all: [string, string, string][] = [
      ['x', 'A', 'x1'],
      ['y', 'B', 'y1'],
      ['x', 'C', 'x2'],
      ['z', 'A', 'z1'],
      ['x', 'B', 'x3'],
    ];
    const subscription = toAll(start, filter(stream));
    for (const [suffix, type, label] of all) {
      await target.client.appendToStream(
        `${stream}-${suffix}`,
        jsonEvent({ type: `${type}-${stream}`, data: { label } }),
      );
    }
    await subscription.untilLabels(expected);
    const later = toAll(start, filter(stream));
    await later.untilLive();
    await later.untilLabels(expected);
  });
}

test('an invalid pattern ends the subscription with an error', async () => {
  const error = await toAll(START, () => streamNameFilter({ regex: '([' })).untilEnd();
  assert.instance(error, UnknownError);
});

test('checkpoints come though nothing matches, never go back, and a subscription resumes after one', async () => {
  const stream = uniqueStream('checkpoints');
  const start = await endOfLog(target.client, `other-${stream}`);
  const filter: FilterWithoutCallback = (reached) =>
    streamNameFilter({
      prefixes: [`${stream}-wanted`],
      maxSearchWindow: 5,
      checkpointInterval: 2,
      checkpointReached: async (_subscription, position) => reached(position),
    });
  const last = await append(`noise-${stream}`, ...Array.from({ length: 45 }, (_, index) => String(index)));
  const subscription = toAll(start, filter);
  await subscription.untilLive();
  const positions = () => subscription.checkpoints.map(({ commit }) => commit);
  assert.ok(positions().length >= 4, `${positions().length} checkpoints over 45 events, every 10`);
  await append(`noise-${stream}`, ...Array.from({ length: 30 }, (_, index) => String(index)));
  await subscription.until('a live checkpoint', () => positions().some((position) => position > last.commit));
  positions().forEach((position, index) => assert.ok(index === 0 || position > (positions()[index - 1] ?? 0n)));
  await append(`${stream}-wanted`, 'found');
  const resumed = toAll(subscription.checkpoints.at(-1) ?? START, filter);
  await resumed.untilLabels(['found']);
  await subscription.untilLabels(['found']);
});

test('a live subscription with the shortest interval is told every position considered', async () => {
  const stream = uniqueStream('considered');
  const start = await endOfLog(target.client, `other-${stream}`);
  const subscription = toAll(start, (reached) =>
    streamNameFilter({
      prefixes: [stream],
      maxSearchWindow: 1,
      checkpointInterval: 1,
      checkpointReached: async (_subscription, position) => reached(position),
    }),
  );
  await subscription.untilLive();
  const written: bigint[] = [];
  for (let index = 0; index < 12; index += 1) {
    written.push((await append(index % 3 === 0 ? stream : `noise-${stream}`, String(index))).commit);
  }
  const told = () => new Set(subscription.checkpoints.map(({ commit }) => commit));
  await subscription.until('a checkpoint for each event', () => written.every((position) => told().has(position)));
});

test('a position at which no event is, is refused', async () => {
  const { commit } = await append(uniqueStream('boundary'), 'a');
  await append(uniqueStream('boundary'), 'b');
  const between = { commit: commit + 1n, prepare: commit + 1n };
  assert.instance(await toAll(between).untilEnd(), UnknownError);
});

test('a paused subscriber loses nothing', async () => {
  const stream = uniqueStream('paused');
  const subscription = toStream(stream);
  await subscription.untilLive();
  const resume = subscription.pause();
  for (let round = 0; round < 10; round += 1) await target.client.appendToStream(stream, testEvents(200));
  resume();
  await subscription.until('2000 events', () => subscription.events.length >= 2000);
  subscription.events.forEach(({ event }, index) => assert.is(event?.revision, BigInt(index)));
});

test.run();
