import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { emptyHead, eventIdOf, hashEvent } from './chain.ts';
import { decodeEvent } from './decode.ts';
import { InvalidEventError } from './errors.ts';
import { canonicalJson } from './json.ts';
import { createEventRegistry } from './registry.ts';
import { sealEvents } from './seal.ts';
import type { NewEvent } from './types.ts';

const sealing = suite('sealing');
const registry = createEventRegistry([
  { type: 'Noted', schemaVersion: 1, schema: z.object({ value: z.unknown() }) },
  { type: 'Counted', schemaVersion: 1, schema: z.object({ count: z.int() }) },
  { type: 'Unstable', schemaVersion: 1, schema: z.object({ at: z.string().transform((text) => text.length) }) },
]);
const envelope = {
  effectiveAt: '2027-01-01T00:00:00.000Z',
  recordedAt: '2027-06-01T00:00:00.000Z',
  actor: { type: 'system', id: 'test', roles: [] },
  commandId: 'c-1',
  $correlationId: 'k-1',
  $causationId: 'c-1',
} as const;
const head = emptyHead('s-1');
const noted = (value: unknown): NewEvent => ({ type: 'Noted', data: { value }, metadata: envelope });

function refusal(...events: NewEvent[]): string {
  try {
    sealEvents('s-1', head, events, registry);
  } catch (error) {
    assert.instance(error, InvalidEventError);
    return (error as Error).message;
  }
  return 'accepted';
}

sealing('events are chained one to the next, and the head after them is the last', () => {
  const sealed = sealEvents('s-1', head, [noted(1), noted(2)], registry);
  const [first, second] = sealed.events;
  assert.is(first?.decoded.metadata.prevHash, head.hash);
  assert.is(second?.decoded.metadata.prevHash, first?.decoded.metadata.hash);
  assert.equal(sealed.head, { revision: 1, hash: second?.decoded.metadata.hash, recordedAt: envelope.recordedAt });
  assert.is(second?.raw.id, eventIdOf(sealed.head.hash));
});

sealing('the same events give the same bytes and ids, other content other ids', () => {
  const again = () => sealEvents('s-1', head, [noted({ b: 1, a: 2 })], registry).events[0]?.raw;
  assert.equal(again(), again());
  assert.is.not(sealEvents('s-1', head, [noted({ b: 1, a: 3 })], registry).events[0]?.raw.id, again()?.id);
});

sealing('recordedAt never goes back, whatever the clock says', () => {
  const later = { revision: 4, hash: head.hash, recordedAt: '2027-07-01T00:00:00.000Z' };
  const sealed = sealEvents('s-1', later, [noted(1)], registry);
  assert.is(sealed.events[0]?.decoded.metadata.recordedAt, later.recordedAt);
  assert.is(sealed.events[0]?.decoded.revision, 5);
});

sealing('what a writer is answered is what every reader decodes', () => {
  const data = [{ b: 'ü', a: [1, { z: null }] }, { a: undefined, b: -0 }, {}, 'text', [[]], 1e21];
  for (const value of data) {
    for (const metadata of [envelope, { ...envelope, traceparent: '00-1', reason: 'r', later: undefined }]) {
      const event = sealEvents('s-1', head, [{ type: 'Noted', data: { value, unknown: 1 }, metadata }], registry);
      const plain = sealEvents('s-1', head, [{ type: 'Noted', data: { value }, metadata }], registry);
      for (const sealed of [...event.events, ...plain.events]) {
        assert.equal({ kind: 'event', event: sealed.decoded }, decodeEvent(sealed.raw, registry));
        const stored = JSON.parse(Buffer.from(sealed.raw.rawMetadata).toString()) as Record<string, unknown>;
        assert.is(Buffer.from(sealed.raw.rawMetadata).toString(), canonicalJson(stored));
        assert.is(hashEvent({ ...sealed.decoded, metadata: stored }), sealed.decoded.metadata.hash);
      }
    }
  }
});

sealing('what a writer is answered does not change with what it gave', () => {
  const value = { list: [1] };
  const sealed = sealEvents('s-1', head, [noted(value)], registry);
  value.list.push(2);
  assert.equal(sealed.events[0]?.decoded.data, { value: { list: [1] } });
});

sealing('a schema that changes what it reads is asked again', () => {
  const rounding = createEventRegistry([
    { type: 'Rounded', schemaVersion: 1, schema: z.object({ at: z.number().transform(Math.round) }) },
  ]);
  const [sealed] = sealEvents(
    's-1',
    head,
    [{ type: 'Rounded', data: { at: 1.4 }, metadata: envelope }],
    rounding,
  ).events;
  assert.equal(sealed?.decoded.data, { at: 1 });
});

sealing('what JSON cannot carry is refused with its path', () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  assert.match(refusal(noted(1n)), '$.value is of type bigint');
  assert.match(refusal(noted([undefined])), '$.value[0] is of type undefined');
  assert.match(refusal(noted({ deep: Number.NaN })), '$.value.deep is NaN');
  assert.match(refusal(noted(new Date(0))), '$.value is a Date');
  assert.match(refusal(noted(new Map())), '$.value is a Map');
  assert.match(refusal(noted(() => 1)), 'function');
  assert.match(refusal(noted({ toJSON: () => 1 })), '$.value.toJSON is of type function');
  assert.match(refusal(noted('\ud800')), 'surrogate');
  assert.match(refusal(noted({ '\ud800': 1 })), 'surrogate');
  assert.match(refusal(noted(cyclic)), 'contains itself');
  assert.match(refusal({ type: 'Noted', data: undefined, metadata: envelope }), 'expected object');
});

sealing('a property that is undefined is left out, as in JSON', () => {
  const sealed = sealEvents('s-1', head, [noted({ a: undefined, b: 1 })], registry);
  assert.is(Buffer.from(sealed.events[0]?.raw.rawData ?? []).toString(), '{"value":{"b":1}}');
});

sealing('data and metadata that their schemas refuse never reach the store', () => {
  assert.match(refusal({ type: 'Counted', data: { count: 1.5 }, metadata: envelope }), 'count');
  assert.match(refusal({ type: 'Unheard', data: {}, metadata: envelope }), 'no definition');
  assert.match(refusal({ ...noted(1), metadata: { ...envelope, effectiveAt: 'yesterday' } }), 'effectiveAt');
  assert.match(refusal({ type: 'Unstable', data: { at: 'x' }, metadata: envelope }), 'undecodable');
  assert.match(refusal(), 'at least one event');
});

sealing('streams of the event store itself are refused', () => {
  for (const stream of ['', '$all', '$$s-1']) {
    assert.throws(
      () => sealEvents(stream, emptyHead(stream), [noted(1)], registry),
      (error: unknown) => error instanceof InvalidEventError,
    );
  }
});

sealing('the size counts data, metadata and twice the type', () => {
  const sealed = sealEvents('s-1', head, [noted(1), noted(2)], registry);
  const bytes = sealed.events.map(({ raw }) => raw.rawData.length + raw.rawMetadata.length + 2 * raw.type.length);
  assert.is(sealed.sizeBytes, (bytes[0] ?? 0) + (bytes[1] ?? 0));
});

sealing.run();
