import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ANY,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  StreamDeletedError,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
  type AppendResult,
} from '@eventstore/db-client';
import { failureOf, openTarget, testEvent, testEvents, uniqueStream, unary, collect, type Target } from './target.ts';

const test = suite('conformance: append');
let target: Target;
test.before(async () => {
  target = await openTarget();
});
test.after(() => target.close());

type StreamState = 'never written' | 'only metadata' | 'three events' | 'soft-deleted' | 'tombstoned';
type Label = 'e0' | 'e1' | 'e2' | 'n0' | 'n1';
/** `[last revision, 'new' | 'again']`, the actual revision of a refusal, or `deleted`. */
type Outcome = ['new', bigint] | ['again', bigint] | ['wrong', bigint | 'no_stream'] | ['deleted'];

/** e0 to e2 are already in the stream where it has events, n0 and n1 are not. */
const rows: [StreamState, AppendExpectedRevision, Label[], Outcome][] = [
  ['never written', ANY, ['n0', 'n1'], ['new', 1n]],
  ['never written', NO_STREAM, ['n0', 'n1'], ['new', 1n]],
  ['never written', STREAM_EXISTS, ['n0'], ['wrong', 'no_stream']],
  ['never written', 0n, ['n0'], ['wrong', 'no_stream']],
  ['never written', 7n, ['n0'], ['wrong', 'no_stream']],
  ['only metadata', ANY, ['n0'], ['new', 0n]],
  ['only metadata', NO_STREAM, ['n0'], ['new', 0n]],
  ['only metadata', STREAM_EXISTS, ['n0'], ['new', 0n]],
  ['only metadata', 0n, ['n0'], ['wrong', 'no_stream']],
  ['three events', ANY, ['n0', 'n1'], ['new', 4n]],
  ['three events', NO_STREAM, ['n0'], ['wrong', 2n]],
  ['three events', STREAM_EXISTS, ['n0', 'n1'], ['new', 4n]],
  ['three events', 2n, ['n0', 'n1'], ['new', 4n]],
  ['three events', 0n, ['n0'], ['wrong', 2n]],
  ['three events', 9n, ['n0'], ['wrong', 2n]],
  // A full retry is answered like the first time, with the revision of the last event retried.
  ['three events', ANY, ['e0', 'e1', 'e2'], ['again', 2n]],
  ['three events', ANY, ['e1'], ['again', 1n]],
  ['three events', STREAM_EXISTS, ['e0', 'e1'], ['again', 1n]],
  ['three events', NO_STREAM, ['e0', 'e1', 'e2'], ['again', 2n]],
  ['three events', NO_STREAM, ['e0'], ['again', 0n]],
  ['three events', 0n, ['e1', 'e2'], ['again', 2n]],
  ['three events', 0n, ['e1'], ['again', 1n]],
  // A partial retry, the known events first.
  ['three events', ANY, ['e2', 'n0'], ['wrong', 2n]],
  ['three events', STREAM_EXISTS, ['e2', 'n0'], ['wrong', 2n]],
  ['three events', NO_STREAM, ['e0', 'n0'], ['wrong', 2n]],
  ['three events', 0n, ['e1', 'n0'], ['wrong', 2n]],
  ['three events', 1n, ['e2', 'n0'], ['wrong', 2n]],
  // A shifted retry: known events, but not where they are now.
  ['three events', ANY, ['n0', 'e0'], ['new', 4n]],
  ['three events', NO_STREAM, ['e1', 'e2'], ['wrong', 2n]],
  ['three events', 0n, ['e0', 'e1'], ['wrong', 2n]],
  ['three events', 1n, ['e1'], ['wrong', 2n]],
  ['three events', 2n, ['e0', 'e1'], ['new', 4n]],
  ['soft-deleted', ANY, ['n0'], ['new', 3n]],
  ['soft-deleted', NO_STREAM, ['n0', 'n1'], ['new', 4n]],
  ['soft-deleted', STREAM_EXISTS, ['n0'], ['deleted']],
  ['soft-deleted', 2n, ['n0'], ['new', 3n]],
  ['soft-deleted', 0n, ['n0'], ['wrong', 2n]],
  ['soft-deleted', 9n, ['n0'], ['wrong', 2n]],
  ['soft-deleted', ANY, ['e0', 'e1', 'e2'], ['again', 2n]],
  ['soft-deleted', NO_STREAM, ['e0', 'e1', 'e2'], ['again', 2n]],
  ['soft-deleted', NO_STREAM, ['e0', 'n0'], ['wrong', 2n]],
  ['tombstoned', ANY, ['n0'], ['deleted']],
  ['tombstoned', NO_STREAM, ['n0'], ['deleted']],
  ['tombstoned', STREAM_EXISTS, ['n0'], ['deleted']],
  ['tombstoned', 2n, ['n0'], ['deleted']],
  ['tombstoned', NO_STREAM, ['e0'], ['deleted']],
];

for (const [state, expectedRevision, labels, outcome] of rows) {
  for (const path of ['batch', 'unary'] as const) {
    test(`${path}: ${state}, expecting ${String(expectedRevision)}, [${labels.join(' ')}] → ${outcome.join(' ')}`, async () => {
      const { client } = target;
      const stream = uniqueStream('append');
      const stored = ['e0', 'e1', 'e2'].map((label) => testEvent(label));
      const first = await prepare(stream, state, stored);
      const events = labels.map((label) => stored.find(({ data }) => data.label === label) ?? testEvent(label));
      const appended = client.appendToStream(stream, events, {
        expectedRevision,
        ...(path === 'unary' ? unary : {}),
      });
      if (outcome[0] === 'new' || outcome[0] === 'again') {
        const result = await appended;
        assert.is(result.success, true);
        assert.is(result.nextExpectedRevision, outcome[1]);
        // A retry is told where its last event was written the first time.
        if (outcome[0] === 'new') assert.ok(positionOf(result) > (first ? positionOf(first) : -1n));
        else if (outcome[1] === 2n) assert.is(positionOf(result), positionOf(first));
        else assert.ok(positionOf(result) < positionOf(first));
      } else await assertRefused(appended, stream, expectedRevision, outcome);
      await assertContent(stream, state, outcome, [...stored, ...events]);
    });
  }
}

async function prepare(stream: string, state: StreamState, stored: ReturnType<typeof testEvents>) {
  const { client } = target;
  if (state === 'never written') return undefined;
  if (state === 'only metadata') {
    await client.setStreamMetadata(stream, { cacheControl: 1 });
    return undefined;
  }
  const first = await client.appendToStream(stream, stored, { expectedRevision: NO_STREAM });
  if (state === 'soft-deleted') await client.deleteStream(stream);
  if (state === 'tombstoned') await client.tombstoneStream(stream);
  return first;
}

function positionOf(result: AppendResult | undefined): bigint {
  assert.ok(result?.position, 'an append that wrote events has a position');
  return result.position.commit;
}

async function assertRefused(
  appended: Promise<AppendResult>,
  stream: string,
  expected: AppendExpectedRevision,
  outcome: ['wrong', bigint | 'no_stream'] | ['deleted'],
) {
  if (outcome[0] === 'deleted') {
    assert.is((await failureOf(appended, StreamDeletedError)).streamName, stream);
    return;
  }
  const error = await failureOf(appended, WrongExpectedVersionError);
  assert.is(error.streamName, stream);
  assert.is(error.expectedVersion, expected);
  assert.is(error.actualVersion, outcome[1]);
}

/** Only a new write changes the stream, and it adds exactly its events. */
async function assertContent(stream: string, state: StreamState, outcome: Outcome, all: ReturnType<typeof testEvents>) {
  if (state === 'tombstoned') return;
  const before = state === 'three events' ? 3 : 0;
  const kept = outcome[0] === 'new' ? Number(outcome[1]) + 1 - (state === 'soft-deleted' ? 3 : 0) : before;
  if (kept === 0) return;
  const events = await collect(target.client.readStream(stream, { fromRevision: START }));
  const skipped = state === 'three events' ? 0 : 3;
  assert.equal(
    events.map(({ event }) => event?.id),
    all.slice(skipped, skipped + kept).map(({ id }) => id),
  );
}

for (const path of ['batch', 'unary'] as const) {
  const options = path === 'unary' ? unary : {};

  test(`${path}: an append without events tells the current revision and writes nothing`, async () => {
    const stream = uniqueStream('empty');
    await target.client.appendToStream(stream, testEvents(3), { expectedRevision: NO_STREAM });
    const result = await target.client.appendToStream(stream, [], { expectedRevision: 2n, ...options });
    assert.is(result.success, true);
    assert.is(result.nextExpectedRevision, 2n);
    assert.is((await collect(target.client.readStream(stream))).length, 3);
  });

  test(`${path}: the same id twice in one append is two events`, async () => {
    const stream = uniqueStream('twice');
    const event = testEvent('same');
    const result = await target.client.appendToStream(stream, [event, event], {
      expectedRevision: NO_STREAM,
      ...options,
    });
    assert.is(result.nextExpectedRevision, 1n);
  });

  test(`${path}: the same id in another stream is another event`, async () => {
    const event = testEvent('elsewhere');
    for (const stream of [uniqueStream('one'), uniqueStream('other')]) {
      const result = await target.client.appendToStream(stream, event, { expectedRevision: ANY, ...options });
      assert.is(result.nextExpectedRevision, 0n);
      assert.is((await collect(target.client.readStream(stream))).length, 1);
    }
  });

  test(`${path}: of concurrent appends at one revision exactly one is written`, async () => {
    const stream = uniqueStream('race');
    const attempts = Array.from({ length: 20 }, (_, index) =>
      target.client.appendToStream(stream, testEvent(String(index)), { expectedRevision: NO_STREAM, ...options }),
    );
    const settled = await Promise.allSettled(attempts);
    assert.is(settled.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const result of settled) {
      if (result.status === 'rejected') assert.instance(result.reason, WrongExpectedVersionError);
    }
    assert.is((await collect(target.client.readStream(stream))).length, 1);
  });

  test(`${path}: concurrent retries of one append are all answered like the first`, async () => {
    const stream = uniqueStream('retries');
    const events = testEvents(2);
    const attempts = Array.from({ length: 10 }, () =>
      target.client.appendToStream(stream, events, { expectedRevision: NO_STREAM, ...options }),
    );
    const results = await Promise.all(attempts);
    assert.equal(new Set(results.map(({ nextExpectedRevision }) => nextExpectedRevision)), new Set([1n]));
    assert.is((await collect(target.client.readStream(stream))).length, 2);
  });
}

test('an append is seen by a read that begins after its answer', async () => {
  const stream = uniqueStream('visible');
  for (let revision = 0; revision < 20; revision += 1) {
    await target.client.appendToStream(stream, testEvent(String(revision)), { expectedRevision: ANY });
    assert.is((await collect(target.client.readStream(stream))).length, revision + 1);
  }
});

test('events of one append follow each other in the log', async () => {
  const stream = uniqueStream('order');
  await target.client.appendToStream(stream, testEvents(5), { expectedRevision: NO_STREAM });
  const events = await collect(target.client.readStream(stream));
  const positions = events.map(({ event }) => event?.position?.commit ?? 0n);
  assert.equal(
    positions,
    [...positions].sort((a, b) => (a < b ? -1 : 1)),
  );
  assert.is(new Set(positions).size, 5);
});

test.run();
