import {
  emptyHead,
  openEventStore,
  type EventStore,
  type EventStoreMetric,
  type SubscriptionItem,
} from '@perennial/event-store';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngine, type Engine } from './engine.ts';
import { startFaultyWire, type FaultyWire } from './faulty-wire.ts';
import { collect, definitions, noted, within } from './notes.ts';

const following = suite('following the log');
const metrics: EventStoreMetric[] = [];
let engine: Engine;
let wire: FaultyWire;
let store: EventStore;

following.before(async () => {
  engine = await startEngine();
  wire = await startFaultyWire(engine.port);
  store = await openEventStore({
    url: wire.url,
    definitions,
    appendTimeoutMs: 1_000,
    appendAttemptCountMax: 30,
    idleWatchdogMs: 300,
    readSilenceMs: 1_000,
    unansweredBeforeReplacingMs: 500,
    onMetric: (metric) => metrics.push(metric),
  });
});

following.after(async () => {
  await store?.close();
  await wire?.close();
  await engine?.remove();
});

/** Takes items until `enough` says so, then ends the subscription; everything in bounded time. */
async function follow(
  options: { after?: bigint; streamPrefixes?: readonly string[] },
  enough: (item: SubscriptionItem) => boolean,
): Promise<SubscriptionItem[]> {
  const abort = new AbortController();
  const items: SubscriptionItem[] = [];
  const run = async () => {
    for await (const item of store.subscribeToAll({ ...options, signal: abort.signal })) {
      items.push(item);
      if (enough(item)) return;
    }
  };
  await within(30_000, run(), 'the subscription').finally(() => abort.abort());
  return items;
}

const ids = (items: readonly SubscriptionItem[]) =>
  items.flatMap((item) => (item.kind === 'event' ? [item.event.id] : []));
const isEventOf = (item: SubscriptionItem, stream: string) => item.kind === 'event' && item.event.stream === stream;

following('a subscription delivers what is stored, says when it has caught up, and then what comes', async () => {
  await store.append('f-1', emptyHead('f-1'), [noted('stored'), noted('stored too')]);
  const items = await follow({}, (item) => {
    if (item.kind === 'caught-up') void store.append('f-2', emptyHead('f-2'), [noted('live')]);
    return isEventOf(item, 'f-2');
  });
  assert.equal(
    ids(items),
    (await collect(store.readAll())).map(({ event }) => event.id),
  );
  const caughtUp = items.findIndex(({ kind }) => kind === 'caught-up');
  assert.is(ids(items.slice(0, caughtUp)).length, 2);
});

following('a subscription begins after a position and takes only the streams asked for', async () => {
  const first = await collect(store.readAll({ maxCount: 1 }));
  const after = first[0]?.event.position as bigint;
  const rest = await follow({ after }, (item) => item.kind === 'caught-up');
  assert.equal(
    ids(rest),
    (await collect(store.readAll({ after }))).map(({ event }) => event.id),
  );
  const chosen = await follow({ streamPrefixes: ['f-2'] }, (item) => item.kind === 'caught-up');
  assert.equal(
    ids(chosen),
    (await collect(store.readStream('f-2'))).map(({ id }) => id),
  );
});

following('restarts, crashes and cuts in the middle neither lose nor repeat an event', async () => {
  const after = (await store.lastPosition()) as bigint;
  const total = 600;
  const writing = (async () => {
    for (let n = 0; n < total; n += 20) {
      const batch = Array.from({ length: 20 }, (_, k) => `resume-${n + k}`);
      await Promise.all(batch.map((stream) => store.append(stream, emptyHead(stream), [noted('x')])));
      if (n === 100) wire.cut();
      if (n === 200) await engine.crash().then(() => engine.restart());
      if (n === 400) await engine.stop().then(() => engine.restart());
    }
  })();
  let seen = 0;
  const items = await follow({ after }, (item) => item.kind === 'event' && ++seen === total);
  await writing;
  assert.equal(
    ids(items),
    (await collect(store.readAll({ after }))).map(({ event }) => event.id),
  );
});

following('a connection that carries nothing any more is noticed and replaced', async () => {
  const resumed = () => metrics.filter((metric) => metric.kind === 'subscription-resumed').length;
  const after = (await store.lastPosition()) as bigint;
  const before = resumed();
  let silenced = false;
  const items = await follow({ after }, (item) => {
    if (item.kind === 'caught-up' && !silenced) {
      silenced = true;
      wire.silenceCurrent();
      void store.append('s-1', emptyHead('s-1'), [noted('in the silence')]);
    }
    return isEventOf(item, 's-1');
  });
  assert.is(ids(items).length, 1);
  assert.ok(resumed() > before);
  wire.heal();
});

following('an event that cannot be decoded is delivered as such, with its bytes', async () => {
  await store.append('u-1', emptyHead('u-1'), [noted('readable now')]);
  await store.close();
  store = await openEventStore({ url: engine.url, definitions: [] });
  const items = await follow({ streamPrefixes: ['u-'] }, (item) => item.kind === 'undecodable');
  const [item] = items;
  assert.is(item?.kind === 'undecodable' && Buffer.from(item.event.rawData).toString(), '{"text":"readable now"}');
  const error: unknown = await collect(store.readStream('u-1')).catch((reason: unknown) => reason);
  assert.is((error as { code?: string }).code, 'UNDECODABLE_EVENT');
  await store.close();
  store = await openEventStore({ url: engine.url, definitions });
});

following('not taking the next item holds the server back, and nothing is lost by it', async () => {
  const after = (await store.lastPosition()) as bigint;
  const text = 'x'.repeat(4_000);
  for (let n = 0; n < 40; n += 1) {
    const stream = `slow-${n}`;
    await store.append(
      stream,
      emptyHead(stream),
      Array.from({ length: 50 }, () => noted(text)),
    );
  }
  const abort = new AbortController();
  const items = store.subscribeToAll({ after, signal: abort.signal })[Symbol.asyncIterator]();
  await items.next();
  const heapBefore = process.memoryUsage().arrayBuffers;
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.ok(process.memoryUsage().arrayBuffers - heapBefore < 4_000_000, 'the 8 MB are not read ahead');
  let taken = 1;
  while (taken < 2_000) {
    const next = await within(30_000, items.next(), 'the next item');
    if (!next.done && next.value.kind === 'event') taken += 1;
  }
  abort.abort();
  assert.ok((await within(20_000, items.next(), 'the end')).done);
});

following('an abort ends a waiting subscription cleanly, and so does closing the store', async () => {
  const abort = new AbortController();
  const run = async (signal: AbortSignal) => {
    for await (const _ of store.subscribeToAll({ streamPrefixes: ['never-'], signal }));
    return 'ended';
  };
  const aborted = run(abort.signal);
  const closed = run(new AbortController().signal);
  await store.ping(20_000);
  abort.abort();
  assert.is(await within(20_000, aborted, 'the aborted one'), 'ended');
  await store.close();
  assert.is(await within(20_000, closed, 'the closed one'), 'ended');
  store = await openEventStore({ url: engine.url, definitions });
});

following.run();
