import type { NewEvent } from '@perennial/event-store';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { createLanes } from '../lanes/lanes.ts';
import { createMemoryEventStore } from '../testing/memory-event-store.ts';
import { createLruCache } from '../state-cache/state-cache.ts';
import { CommandConflictError, createStreamHandler, type StreamView } from './stream-handler.ts';

const test = suite('stream handler');
const stream = 'counter-1';

function setUp() {
  const store = createMemoryEventStore([{ type: 'Added', schemaVersion: 1, schema: z.object({ amount: z.number() }) }]);
  const handler = createStreamHandler<number>({
    store,
    aggregate: {
      initial: 0,
      // The schema above.
      evolve: (sum, event) => sum + (event.data as { amount: number }).amount,
    },
    cache: createLruCache({ cacheEntryCountMax: 10 }),
    lanes: createLanes({ inFlightCountMax: 8, waitingCountMax: 100 }),
    conflictBackoff: { firstMs: 0, maxMs: 0 },
  });
  return { store, handler };
}

function added(amount: number): NewEvent {
  return {
    type: 'Added',
    data: { amount },
    metadata: {
      effectiveAt: '2027-01-01T00:00:00.000Z',
      recordedAt: '2027-01-01T00:00:00.000Z',
      actor: { type: 'system', id: 'test', roles: [] },
      commandId: 'c',
      $correlationId: 'c',
      $causationId: 'c',
    },
  };
}

/** Adds while the sum is below ten, and answers the sum it decided on. */
const addBelowTen = (view: StreamView<number>) => ({
  events: view.state < 10 ? [added(1)] : [],
  answer: view.state,
});

test('an accepted append uses the cached state unread', async () => {
  const { store, handler } = setUp();
  await handler.transact(stream, addBelowTen);
  const reads = store.readCount;
  const { view } = await handler.transact(stream, addBelowTen);
  assert.is(view.state, 2);
  assert.is(store.readCount, reads);
});

test('an answer that appends nothing is given only after reading the tail', async () => {
  const { store, handler } = setUp();
  await handler.transact(stream, () => ({ events: [added(10)], answer: undefined }));
  await store.appendAtEnd(stream, [added(-5)]);
  const { answer, appended } = await handler.transact(stream, addBelowTen);
  assert.is(answer, 5, 'decided again on the tail that another process wrote');
  assert.is(appended.length, 1);
});

test('a conflict reads the tail and decides again', async () => {
  const { store, handler } = setUp();
  await handler.transact(stream, addBelowTen);
  store.beforeAppend = (call) => (call === 2 ? store.appendAtEnd(stream, [added(20)]) : undefined);
  const { answer, appended, view } = await handler.transact(stream, addBelowTen);
  assert.is(answer, 21, 'refused on what the other process wrote in between');
  assert.equal(appended, []);
  assert.is(view.head.revision, 1);
});

test('it gives up after five conflicts, with nothing appended', async () => {
  const { store, handler } = setUp();
  let attempts = 0;
  store.beforeAppend = () => {
    attempts += 1;
    return store.appendAtEnd(stream, [added(0)]);
  };
  const error = await handler.transact(stream, addBelowTen).catch((thrown: unknown) => thrown);
  assert.instance(error, CommandConflictError);
  assert.is(attempts, 5);
  assert.is((await handler.read(stream)).state, 0);
});

test('one process never conflicts with itself', async () => {
  const { store, handler } = setUp();
  await Promise.all(Array.from({ length: 30 }, () => handler.transact(stream, addBelowTen)));
  assert.is((await handler.read(stream)).state, 10);
  assert.is(store.log.length, 10);
});

test('reading answers the end of the stream, also behind the cache', async () => {
  const { store, handler } = setUp();
  await handler.transact(stream, addBelowTen);
  await store.appendAtEnd(stream, [added(6)]);
  assert.is((await handler.read(stream)).state, 7);
});

test('a stream that is longer than what is folded at once is folded to its end', async () => {
  for (const eventCount of [255, 256, 257, 513]) {
    const { store, handler } = setUp();
    await store.appendAtEnd(
      stream,
      Array.from({ length: eventCount }, (_, index) => added(index)),
    );
    const { state, head, position } = await handler.read(stream);
    assert.is(state, (eventCount * (eventCount - 1)) / 2);
    assert.is(head.revision, eventCount - 1);
    assert.is.not(position, undefined);
  }
});

test('an event that is missing is an error, wherever it is missing', async () => {
  const { store, handler } = setUp();
  await store.appendAtEnd(stream, [added(1), added(2), added(3)]);
  const whole: typeof store.readStream = store.readStream.bind(store);
  store.readStream = async function* (name, options) {
    for await (const event of whole(name, options)) if (event.revision !== 1) yield event;
  };
  const error = await handler.read(stream).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, RangeError);
  assert.match(String(error), /revision 2 after 0/);
});

test('the least recently used stream leaves the cache first', () => {
  const cache = createLruCache<number>({ cacheEntryCountMax: 2 });
  const cached = { state: 1, head: { revision: 0, hash: '', recordedAt: '' }, position: 1n };
  cache.set('a', cached);
  cache.set('b', cached);
  cache.get('a');
  cache.set('c', cached);
  assert.ok(cache.get('a'));
  assert.is(cache.get('b'), undefined);
});

test.run();
