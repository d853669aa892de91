import {
  createEventRegistry,
  emptyHead,
  openEventStore,
  sealEvents,
  type EventStore,
  type EventStoreMetric,
} from '@perennial/event-store';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { collect, definitions, noted, within } from './notes.ts';
import { eventFrame, startScriptedServer, type ScriptedCall, type ScriptedRead } from './scripted-server.ts';

const direct = suite('reading the log past the client');

const texts = ['a', 'b', 'c'];
const log = sealEvents(
  's-1',
  emptyHead('s-1'),
  texts.map((text) => noted(text)),
  createEventRegistry(definitions),
).events.map(({ raw }, index) => ({ ...raw, position: BigInt(index + 1) }));

type Answer = (call: ScriptedCall) => void;

/** What the log holds, to the client; the test says what is answered past it. */
async function against(
  answerDirectly: Answer,
  test: (
    store: EventStore,
    seen: { readonly reads: ScriptedRead[]; readonly metrics: EventStoreMetric[] },
  ) => Promise<void>,
): Promise<void> {
  const seen: { reads: ScriptedRead[]; metrics: EventStoreMetric[] } = { reads: [], metrics: [] };
  let isOpen = false;
  const server = await startScriptedServer({
    read(request, call) {
      seen.reads.push(request);
      if (request.direct) return answerDirectly(call);
      // The door asks for the end of the log first, when it opens and before it reads.
      const isAfterDirect = seen.reads.some((read) => read.direct);
      for (const event of isAfterDirect ? log : log.slice(-1)) if (isOpen) call.event(event);
      call.end();
    },
  });
  const onMetric = (metric: EventStoreMetric) => seen.metrics.push(metric);
  const bounds = { readSilenceMs: 300, backoffFirstMs: 10 };
  const store = await openEventStore({ url: server.url, definitions, ...bounds, onMetric });
  isOpen = true;
  try {
    await within(30_000, test(store, seen), 'the test');
  } finally {
    await store.close();
    await server.close();
  }
}

async function revisionsOf(store: EventStore): Promise<number[]> {
  return (await collect(store.readAllRaw())).map(({ revision }) => revision);
}

const readsOf = (reads: readonly ScriptedRead[]) =>
  reads
    .filter(({ kind }) => kind === 'log')
    .slice(1)
    .map((read) => (read.direct ? 'direct' : 'client'));

direct('a log is read past the client when all goes well, and in its order', async () => {
  await against(
    (call) => {
      for (const event of log) call.event(event);
      call.end();
    },
    async (store, { reads, metrics }) => {
      assert.equal(await revisionsOf(store), [0, 1, 2]);
      assert.equal(readsOf(reads), ['client', 'direct']);
      assert.equal(metrics, []);
    },
  );
});

direct('messages that come in pieces, or many in one, are put together', async () => {
  await against(
    (call) => {
      const all = Buffer.concat(log.map(eventFrame));
      for (let from = 0; from < all.length; from += 7) call.write(all.subarray(from, from + 7));
      call.end();
    },
    async (store, { reads }) => {
      assert.equal(await revisionsOf(store), [0, 1, 2]);
      assert.equal(readsOf(reads), ['client', 'direct']);
    },
  );
});

const first: Answer = (call) => {
  for (const event of log.slice(0, 1)) call.event(event);
};
const troubles: readonly (readonly [string, Answer])[] = [
  [
    'ends with an error',
    (call) => {
      first(call);
      call.end(14);
    },
  ],
  [
    'breaks off',
    (call) => {
      first(call);
      call.breakOff();
    },
  ],
  ['falls silent', (call) => first(call)],
  [
    'is compressed',
    (call) => {
      first(call);
      call.write(Buffer.from([1, 0, 0, 0, 0]));
      call.end();
    },
  ],
  [
    'has a message that is none',
    (call) => {
      first(call);
      call.send(Buffer.from([0x0a, 0x7f]));
      call.end();
    },
  ],
  [
    'has a message without end',
    (call) => {
      first(call);
      call.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]));
    },
  ],
];
for (const [trouble, answer] of troubles) {
  direct(`an answer that ${trouble} is gone on with through the client, after the last event it gave`, async () => {
    await against(answer, async (store, { reads, metrics }) => {
      assert.equal(await revisionsOf(store), [0, 1, 2]);
      assert.equal(readsOf(reads), ['client', 'direct', 'client']);
      assert.equal(
        metrics.map(({ kind }) => kind),
        ['read-resumed'],
      );
    });
  });
}

direct('closing the store ends what is being read', async () => {
  await against(first, async (store) => {
    const events = store.readAllRaw()[Symbol.asyncIterator]();
    assert.is((await events.next()).value?.revision, 0);
    const code = events.next().then(
      () => 'an event',
      (error: { code?: string }) => error.code,
    );
    await store.close();
    assert.is(await code, 'EVENT_STORE_CLOSED');
  });
});

direct.run();
