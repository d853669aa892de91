import {
  AppendTooLargeError,
  emptyHead,
  EventStoreAlreadyOpenError,
  EventStoreClosedError,
  InvalidEventError,
  openEventStore,
  verifyChain,
  type EventStore,
} from '@perennial/event-store';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngine, type Engine } from './engine.ts';
import { collect, definitions, noted } from './notes.ts';

const appending = suite('appending through the door');
let engine: Engine;
let store: EventStore;

appending.before(async () => {
  engine = await startEngine();
  store = await openEventStore({ url: engine.url, definitions });
});

appending.after(async () => {
  await store?.close();
  await engine?.remove();
});

async function rejection(promise: Promise<unknown>): Promise<Error> {
  const error: unknown = await promise.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  assert.instance(error, Error);
  return error as Error;
}

appending('what was appended is what is read, and its chain holds', async () => {
  const stream = 'note-roundtrip';
  const first = await store.append(stream, emptyHead(stream), [noted('one'), noted('twö')]);
  assert.is(first.kind, 'appended');
  if (first.kind !== 'appended') return;
  const second = await store.append(stream, first.head, [noted('three')]);
  assert.is(second.kind, 'appended');
  const read = await collect(store.readStream(stream));
  assert.equal(
    read.map((event) => [event.revision, event.data, event.id]),
    [...first.events, ...(second.kind === 'appended' ? second.events : [])].map((e) => [e.revision, e.data, e.id]),
  );
  assert.is(read[1]?.position, first.position, 'the position of an append is that of its last event');
  const verdict = verifyChain(await collect(store.readStreamRaw(stream)));
  assert.ok(verdict.ok);
  assert.equal(verdict.ok && verdict.head, await store.readHead(stream));
});

appending('an absent stream reads as empty and has the empty head', async () => {
  assert.equal(await collect(store.readStream('note-absent')), []);
  assert.equal(await store.readHead('note-absent'), emptyHead('note-absent'));
});

appending('a stream is read from any revision, in both directions, up to any count', async () => {
  const stream = 'note-directions';
  await store.append(
    stream,
    emptyHead(stream),
    [0, 1, 2, 3].map((n) => noted(String(n))),
  );
  const revisions = async (options: Parameters<EventStore['readStream']>[1]) =>
    (await collect(store.readStream(stream, options))).map(({ revision }) => revision);
  assert.equal(await revisions({ fromRevision: 2 }), [2, 3]);
  assert.equal(await revisions({ fromRevision: 4 }), []);
  assert.equal(await revisions({ maxCount: 2 }), [0, 1]);
  assert.equal(await revisions({ maxCount: 0 }), []);
  assert.equal(await revisions({ direction: 'backwards' }), [3, 2, 1, 0]);
  assert.equal(await revisions({ direction: 'backwards', fromRevision: 1 }), [1, 0]);
  assert.equal(await revisions({ direction: 'backwards', maxCount: 1 }), [3]);
});

appending('of two appends at one head the second is a conflict that names the actual revision', async () => {
  const stream = 'note-conflict';
  await store.append(stream, emptyHead(stream), [noted('a'), noted('b')]);
  const outcome = await store.append(stream, emptyHead(stream), [noted('c')]);
  assert.equal(outcome, { kind: 'conflict', actualRevision: 1 });
  const ahead = { ...emptyHead('note-never'), revision: 4 };
  assert.equal(await store.append('note-never', ahead, [noted('c')]), { kind: 'conflict', actualRevision: -1 });
});

appending('the same append again is the same success, also when others have appended since', async () => {
  const stream = 'note-again';
  const once = await store.append(stream, emptyHead(stream), [noted('a'), noted('b')]);
  assert.is(once.kind, 'appended');
  if (once.kind !== 'appended') return;
  await store.append(stream, once.head, [noted('later')]);
  assert.equal(await store.append(stream, emptyHead(stream), [noted('a'), noted('b')]), once);
  assert.is((await store.readHead(stream)).revision, 2);
});

appending('of a hundred writers at one head exactly one wins', async () => {
  const stream = 'note-race';
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, (_, by) => store.append(stream, emptyHead(stream), [noted('mine', by)])),
  );
  assert.is(outcomes.filter(({ kind }) => kind === 'appended').length, 1);
  assert.is((await collect(store.readStream(stream))).length, 1);
});

appending('what is too large or no valid event is refused before anything is sent', async () => {
  const stream = 'note-refused';
  const large = noted('x'.repeat(1_048_576));
  assert.instance(await rejection(store.append(stream, emptyHead(stream), [large])), AppendTooLargeError);
  const invalid = { ...noted('x'), data: { text: 1n } };
  assert.instance(await rejection(store.append(stream, emptyHead(stream), [invalid])), InvalidEventError);
  assert.equal(await collect(store.readStream(stream)), []);
});

appending('the largest append that the bound allows is accepted by the server', async () => {
  const stream = 'note-large';
  const overhead = 2_000;
  const outcome = await store.append(stream, emptyHead(stream), [noted('x'.repeat(1_048_576 - overhead))]);
  assert.is(outcome.kind, 'appended');
});

appending('a limited stream keeps its newest events, and the limit is written once', async () => {
  const stream = 'note-limited';
  await store.limitStream(stream, 2);
  await store.append(
    stream,
    emptyHead(stream),
    ['a', 'b', 'c'].map((text) => noted(text)),
  );
  await store.limitStream(stream, 2);
  assert.equal(
    (await collect(store.readStream(stream))).map(({ revision }) => revision),
    [1, 2],
  );
  assert.is((await collect(store.readStreamRaw(`$$${stream}`))).length, 1);
});

appending('the whole log is read in order, without system streams, from any position and by prefix', async () => {
  await store.append('other-1', emptyHead('other-1'), [noted('other')]);
  const all = await collect(store.readAll());
  const positions = all.map(({ event }) => event.position);
  assert.equal(
    positions,
    [...positions].sort((a, b) => Number(a - b)),
  );
  assert.not.ok(all.some(({ event }) => event.stream.startsWith('$')));
  assert.is(await store.lastPosition(), positions.at(-1));
  const after = positions[2] as bigint;
  assert.equal(
    (await collect(store.readAll({ after, maxCount: 3 }))).map(({ event }) => event.position),
    positions.slice(3, 6),
  );
  assert.equal(await collect(store.readAll({ after: positions.at(-1) as bigint })), []);
  const others = await collect(store.readAll({ streamPrefixes: ['other-'] }));
  assert.equal(
    others.map(({ event }) => event.stream),
    ['other-1'],
  );
});

appending('a second store in the process is refused while one is open, and accepted after', async () => {
  assert.instance(await rejection(openEventStore({ url: engine.url, definitions })), EventStoreAlreadyOpenError);
  await store.close();
  await store.close();
  assert.instance(await rejection(store.append('note-x', emptyHead('note-x'), [noted('x')])), EventStoreClosedError);
  assert.instance(await rejection(collect(store.readStream('note-x'))), EventStoreClosedError);
  store = await openEventStore({ url: engine.url, definitions });
  await store.ping(5_000);
});

appending.run();
