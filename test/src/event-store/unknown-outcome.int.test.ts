import {
  emptyHead,
  EventStoreUnavailableError,
  openEventStore,
  verifyChain,
  type EventStore,
  type EventStoreMetric,
  type StreamHead,
} from '@perennial/event-store';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngine, type Engine } from './engine.ts';
import { startFaultyWire, type FaultyWire } from './faulty-wire.ts';
import { collect, definitions, noted, within } from './notes.ts';

const recovering = suite('appends whose outcome is unknown');
const metrics: EventStoreMetric[] = [];
let engine: Engine;
let wire: FaultyWire;
let store: EventStore;

recovering.before(async () => {
  engine = await startEngine();
  wire = await startFaultyWire(engine.port);
  store = await openEventStore({
    url: wire.url,
    definitions,
    appendTimeoutMs: 500,
    appendAttemptCountMax: 14,
    backoffLastMs: 1_000,
    unansweredBeforeReplacingMs: 500,
    onMetric: (metric) => metrics.push(metric),
  });
});

recovering.after(async () => {
  await store?.close();
  await wire?.close();
  await engine?.remove();
});

const count = (kind: EventStoreMetric['kind']) => metrics.filter((metric) => metric.kind === kind).length;

async function appendOne(stream: string, head: StreamHead, text: string): Promise<StreamHead> {
  const outcome = await store.append(stream, head, [noted(text)]);
  assert.is(outcome.kind, 'appended', `${stream} has one writer, so nobody can have been first`);
  return outcome.kind === 'appended' ? outcome.head : head;
}

/** Writers of one stream each, that append until told to stop. */
function startWriters(writerCount: number, prefix: string) {
  const heads = Array.from({ length: writerCount }, (_, index) => emptyHead(`${prefix}-${index}`));
  const stop = new AbortController();
  const done = Promise.all(
    heads.map(async (_, index) => {
      const stream = `${prefix}-${index}`;
      for (let n = 0; !stop.signal.aborted; n += 1)
        heads[index] = await appendOne(stream, heads[index] as StreamHead, String(n));
    }),
  );
  return {
    appendedCount: () => heads.reduce((sum, head) => sum + head.revision + 1, 0),
    async stop() {
      stop.abort();
      await done;
      return heads;
    },
  };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  await within(
    20_000,
    (async () => {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
    })(),
    what,
  );
}

recovering('killing and restarting the server under load loses nothing and stores nothing twice', async () => {
  const writers = startWriters(64, 'crash');
  for (let round = 1; round <= 3; round += 1) {
    const before = writers.appendedCount();
    await until(() => writers.appendedCount() > before + 200, `round ${round}: appends go on`);
    await engine.crash();
    await engine.restart();
  }
  const heads = await within(20_000, writers.stop(), 'the writers end');
  for (const [index, head] of heads.entries()) {
    const stream = `crash-${index}`;
    const raw = await collect(store.readStreamRaw(stream));
    const verdict = verifyChain(raw, { stream, expectedHead: head });
    assert.ok(verdict.ok, JSON.stringify(verdict));
    assert.equal(
      (await collect(store.readStream(stream))).map(({ data }) => (data as { text: string }).text),
      raw.map((_, n) => String(n)),
    );
  }
});

recovering('a proper stop and restart under load is survived in the same way', async () => {
  const writers = startWriters(64, 'stop');
  await until(() => writers.appendedCount() > 100, 'appends go on');
  await engine.stop();
  await engine.restart();
  const before = writers.appendedCount();
  await until(() => writers.appendedCount() > before + 100, 'appends go on again');
  for (const [index, head] of (await writers.stop()).entries()) {
    assert.equal(await store.readHead(`stop-${index}`), head);
  }
});

recovering('an append that was stored although its answer was lost succeeds once, with its revision', async () => {
  const head = await appendOne('lost-reply', emptyHead('lost-reply'), 'before');
  const resent = count('append-resent');
  wire.loseReplies();
  const pending = Array.from({ length: 20 }, (_, index) =>
    store.append(`lost-${index}`, emptyHead(`lost-${index}`), [noted('x')]),
  );
  const one = store.append('lost-reply', head, [noted('lost')]);
  await until(() => count('append-resent') >= resent + 21, 'every append timed out once');
  wire.heal();
  const outcome = await within(20_000, one, 'the append');
  assert.is(outcome.kind === 'appended' && outcome.head.revision, 1);
  for (const other of await Promise.all(pending)) assert.is(other.kind, 'appended');
  assert.is((await collect(store.readStream('lost-reply'))).length, 2);
});

recovering('connections that go silent are left behind, without waiting for them to break', async () => {
  await appendOne('silent-0', emptyHead('silent-0'), 'before');
  wire.silenceCurrent();
  const startedAt = performance.now();
  await within(15_000, appendOne('silent-1', emptyHead('silent-1'), 'after'), 'the append');
  assert.ok(performance.now() - startedAt < 10_000, 'before HTTP/2 keep-alive would have noticed');
  assert.is((await store.readHead('silent-1')).revision, 0);
  wire.heal();
});

recovering('every cut of the connection is survived by appends and reads', async () => {
  const stream = 'cut-read';
  await store.append(
    stream,
    emptyHead(stream),
    Array.from({ length: 500 }, (_, n) => noted(`${n}${'x'.repeat(500)}`)),
  );
  const writers = startWriters(16, 'cut');
  const revisions: number[] = [];
  for await (const event of store.readStream(stream)) {
    revisions.push(event.revision);
    if (event.revision % 100 === 50) wire.cut();
  }
  assert.equal(
    revisions,
    Array.from({ length: 500 }, (_, n) => n),
  );
  for (const [index, head] of (await writers.stop()).entries()) {
    assert.equal(await store.readHead(`cut-${index}`), head);
  }
});

recovering('a server that stays away is told as such, and the same append later is one append', async () => {
  await engine.crash();
  const startedAt = performance.now();
  const error: unknown = await store.append('away', emptyHead('away'), [noted('a')]).catch((reason: unknown) => reason);
  assert.instance(error, EventStoreUnavailableError);
  assert.ok((error as Error).cause instanceof Error);
  assert.ok(performance.now() - startedAt < 20_000);
  await engine.restart();
  await store.ping(10_000);
  assert.is((await appendOne('away', emptyHead('away'), 'a')).revision, 0);
  assert.is((await appendOne('away', emptyHead('away'), 'a')).revision, 0);
});

recovering.run();
