import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { eventDefinitions, type SubscriptionCommand, type SubscriptionState } from '@perennial/domain';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { subscriptionAggregate } from '../command-handling/subscription-aggregate.ts';
import { silentLogger, type Logger } from '../role/logger.ts';
import { createMemoryEventStore } from '../testing/memory-event-store.ts';
import { openRecords } from './cache-records.ts';
import { openDiskStateCache, type DiskStateCache } from './disk-state-cache.ts';
import { createLruCache, type StateCache } from './state-cache.ts';
import { subscriptionParts } from './subscription-parts.ts';
import { began, contentOf, createSubject, seatStep, stream, type Step } from './testing/cached-subscription.ts';

const test = suite('disk state cache');
const root = mkdtempSync(join(tmpdir(), 'perennial-states-'));
let directoryCount = 0;
const freshDirectory = (): string => join(root, String((directoryCount += 1)));

test.after(() => rmSync(root, { recursive: true, force: true }));

type Store = ReturnType<typeof createMemoryEventStore>;

function open(directory: string, store: Store, snapshotEvery = 5, more: { diskBytesMax?: number; log?: Logger } = {}) {
  return openDiskStateCache({
    directory,
    store,
    aggregate: subscriptionAggregate,
    codec: { ...subscriptionParts, snapshotEvery: () => snapshotEvery },
    ...more,
  });
}

const person = fc.integer({ min: 0, max: 9 }).map((index) => `person-${index}`);
const command: fc.Arbitrary<SubscriptionCommand> = fc.oneof(
  person.map((personId): SubscriptionCommand => ({ name: 'assign-license', body: { personId, appsOff: ['word'] } })),
  person.map((personId): SubscriptionCommand => ({ name: 'unassign-license', body: { personId } })),
  fc.boolean().map((on): SubscriptionCommand => ({ name: 'set-recurring-billing', body: { on } })),
  fc.constantFrom<SubscriptionCommand>(
    { name: 'cancel-at-term-end', body: {} },
    { name: 'undo-scheduled-cancel', body: {} },
    { name: 'cancel-now', body: {} },
  ),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: command.map((given): Step => ({ kind: 'command', command: given })) },
  { weight: 4, arbitrary: fc.nat(8).map((object): Step => ({ kind: 'payment', object })) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 40 }).map((count): Step => ({ kind: 'days', count })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'tick' }) },
);
/** What happens to the caches between two steps. */
const mishap = fc.constantFrom('none', 'none', 'restart', 'restart', 'delete', 'damage', 'forget');

test('whatever becomes of the caches between two steps, answers and log are the same', async () => {
  const steps = fc.array(fc.record({ step, mishap }), { minLength: 5, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const [plain, cached] = [createSubject(), createSubject()];
      const directory = freshDirectory();
      let cache = await open(directory, cached.store);
      for (const each of [...began.map((first) => ({ step: first, mishap: 'none' })), ...given]) {
        const expected = await plain.take(each.step, createLruCache({ cacheEntryCountMax: 1 }));
        assert.equal(await cached.take(each.step, cache), expected);
        await nextTurn();
        cache = await suffer(each.mishap, { cache, directory, store: cached.store });
      }
      await cache.close();
      assert.equal(
        cached.store.log.map(({ metadata }) => metadata.hash),
        plain.store.log.map(({ metadata }) => metadata.hash),
      );
    }),
    { numRuns: 25 },
  );
});

async function suffer(
  what: string,
  { cache, directory, store }: { cache: DiskStateCache<SubscriptionState>; directory: string; store: Store },
): Promise<DiskStateCache<SubscriptionState>> {
  if (what === 'none') return cache;
  if (what === 'forget') {
    cache.delete(stream);
    return cache;
  }
  await cache.close();
  if (what === 'delete') rmSync(directory, { recursive: true, force: true });
  if (what === 'damage') await damage(directory);
  return open(directory, store);
}

/** Changes a byte of every third record. */
async function damage(directory: string): Promise<void> {
  const [digest = ''] = readdirSync(directory);
  const records = openRecords(join(directory, digest), 1024 ** 3);
  const all = [...records.getRange({})];
  for (const [index, { key, value }] of all.entries()) {
    if (index % 3 > 0) continue;
    const changed = Buffer.from(value);
    changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1;
    await records.put(key, changed);
  }
  await records.close();
}

/** Assigns so many seats after the beginning, and answers the state as a plain cache has it. */
async function assignSeats(cache: StateCache<SubscriptionState>, count: number) {
  const subject = createSubject();
  for (const first of began) await subject.take(first, cache);
  for (let index = 0; index < count; index += 1) {
    await subject.take(seatStep(index), cache);
    // LMDB commits between turns of the event loop.
    await nextTurn();
  }
  return subject;
}

test('a state comes back from disk as it was, without a read of its stream', async () => {
  const directory = freshDirectory();
  const first = await open(directory, createMemoryEventStore(eventDefinitions), 50);
  const { store } = await assignSeats(first, 290);
  const expected = contentOf(first.get(stream));
  await first.close();

  const again = await open(directory, store, 50);
  const reads = store.readCount;
  assert.equal(contentOf(again.get(stream)), expected);
  assert.is(store.readCount, reads);
  await again.close();
});

function partsIn(cache: StateCache<SubscriptionState>) {
  const cached = cache.get(stream);
  assert.ok(cached);
  return subscriptionParts.partsOf(cached.state);
}

test('a snapshot writes again only what has changed', async () => {
  const directory = freshDirectory();
  const cache = await open(directory, createMemoryEventStore(eventDefinitions), 100_000);
  const subject = await assignSeats(cache, 290);
  const before = partsIn(cache);
  await subject.take({ kind: 'command', command: { name: 'unassign-license', body: { personId: 'person-7' } } }, cache);
  const identities = new Set(before.map(({ identity }) => identity));
  const changed = partsIn(cache).filter(({ identity }) => !identities.has(identity));
  assert.ok(before.length > 30, 'seats and command ids are in 16 parts each');
  assert.is(changed.length, 2, 'the page of the seat and that of the command id');
  await cache.close();
});

test('a log that was put back to an earlier state meets no state of its future', async () => {
  const directory = freshDirectory();
  const cache = await open(directory, createMemoryEventStore(eventDefinitions));
  await assignSeats(cache, 20);
  await cache.close();

  const earlier = createSubject();
  const again = await open(directory, earlier.store);
  assert.is(again.get(stream), undefined);
  await again.close();
});

test('beyond its bound everything is dropped and gathers again', async () => {
  const directory = freshDirectory();
  let droppedCount = 0;
  const log = { ...silentLogger, info: () => void (droppedCount += 1) };
  const cache = await open(directory, createMemoryEventStore(eventDefinitions), 5, { diskBytesMax: 1, log });
  const subject = await assignSeats(cache, 290);
  const expected = contentOf(cache.get(stream));
  await cache.close();
  assert.ok(droppedCount > 0);
  const again = await open(directory, subject.store);
  await subject.serviceWith(again).load('acme', 's1');
  assert.equal(contentOf(again.get(stream)), expected);
  await again.close();
});

test('a process that is killed while it writes leaves what it wrote usable', async () => {
  const directory = freshDirectory();
  const script = fileURLToPath(new URL('testing/write-until-killed.js', import.meta.url));
  const child = fork(script, [directory], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  for await (const [count] of on(child, 'message')) if (count === 150) break;
  child.kill('SIGKILL');
  await ended;

  // The same steps give the same log, here with some more.
  const { store } = await assignSeats(createLruCache({ cacheEntryCountMax: 1 }), 290);
  const cache = await open(directory, store);
  const found = cache.get(stream);
  const revision = found?.head.revision ?? -1;
  assert.ok(revision > 100, `revision ${revision}`);
  const known = store.log.filter((event) => event.stream === stream && event.revision <= revision);
  const state = known.reduce(
    (folded, event) => subscriptionAggregate.evolve(folded, event),
    subscriptionAggregate.initial,
  );
  const last = known.at(-1);
  assert.ok(last);
  const { hash, recordedAt } = last.metadata;
  assert.equal(contentOf(found), contentOf({ state, head: { revision, hash, recordedAt }, position: last.position }));
  await cache.close();
});

for (const name of ['data.mdb', 'note.json']) {
  test(`opens anew when ${name} is rubbish`, async () => {
    const directory = freshDirectory();
    const cache = await open(directory, createMemoryEventStore(eventDefinitions));
    const { store } = await assignSeats(cache, 20);
    await cache.close();
    const [digest = ''] = readdirSync(directory);
    writeFileSync(join(directory, digest, name), 'rubbish '.repeat(1_000));
    const again = await open(directory, store);
    assert.is(again.get(stream), undefined);
    await again.close();
  });
}

test('what other code has made is removed', async () => {
  const directory = freshDirectory();
  const cache = await open(directory, createMemoryEventStore(eventDefinitions));
  await cache.close();
  const [digest = ''] = readdirSync(directory);
  rmSync(join(directory, digest), { recursive: true });
  const other = openRecords(join(directory, 'other-digest'), 1024 ** 2);
  await other.close();
  const again = await open(directory, createMemoryEventStore(eventDefinitions));
  assert.equal(readdirSync(directory), [digest]);
  await again.close();
});

test.run();
