import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { emptyHead } from './chain.ts';
import type { RawEvent } from './raw-event.ts';
import { createEventRegistry } from './registry.ts';
import { sealEvents } from './seal.ts';
import { verifyChain } from './verify.ts';

const verifying = suite('verifying');
const registry = createEventRegistry([{ type: 'Noted', schemaVersion: 1, schema: z.looseObject({}) }]);
const STREAM = 's-é';

function chainOf(contents: readonly object[], stream = STREAM): RawEvent[] {
  const events = contents.map((data, index) => ({
    type: 'Noted',
    data,
    metadata: {
      effectiveAt: '2027-01-01T00:00:00.000Z',
      recordedAt: `2027-06-01T00:00:00.${String(index).padStart(3, '0')}Z`,
      actor: { type: 'user', id: `p-${index}`, roles: ['support'] },
      commandId: `c-${index}`,
      $correlationId: 'k',
      $causationId: 'c',
      reason: 'tëst 1e21',
    } as const,
  }));
  return sealEvents(stream, emptyHead(stream), events, registry).events.map(({ raw }) => raw);
}

/** The first place where the chain is broken; -1 when it holds. */
function brokenAt(events: readonly RawEvent[]): number {
  const verdict = verifyChain(events, { stream: STREAM });
  return verdict.ok ? -1 : verdict.index;
}

const jsonObject = fc.dictionary(fc.string(), fc.jsonValue());
const chains = fc.array(jsonObject, { minLength: 2, maxLength: 6 }).map((contents) => chainOf(contents));
const place = (events: readonly RawEvent[]) => fc.nat({ max: events.length - 1 });

verifying('any chain of any JSON holds, and its head is the one it was sealed with', () => {
  fc.assert(
    fc.property(fc.array(jsonObject, { minLength: 1, maxLength: 6 }), (contents) => {
      const events = chainOf(contents);
      const verdict = verifyChain(events);
      assert.ok(verdict.ok);
      assert.is(verdict.ok && verdict.count, contents.length);
      assert.is(verdict.ok && verdict.head.revision, contents.length - 1);
    }),
  );
});

verifying('every change of a single bit is found at its event', () => {
  const anyBit = chains.chain((events) =>
    fc.tuple(
      fc.constant(events),
      place(events),
      fc.constantFrom('rawData', 'rawMetadata'),
      fc.nat(),
      fc.nat({ max: 7 }),
    ),
  );
  fc.assert(
    fc.property(anyBit, ([events, index, part, byte, bit]) => {
      const changed = events.map((event, at) => (at === index ? flip(event, part as 'rawData', byte, bit) : event));
      assert.is(brokenAt(changed), index);
    }),
    { numRuns: 300 },
  );
});

verifying('every single bit of one event is covered, without exception', () => {
  const events = chainOf([{ price: 1e21, text: '\u001f"é' }, {}]);
  const [first] = events as [RawEvent];
  for (const part of ['rawData', 'rawMetadata'] as const) {
    for (let at = 0; at < first[part].length * 8; at += 1) {
      assert.is(brokenAt([flip(first, part, at >> 3, at & 7), ...events.slice(1)]), 0, `${part} bit ${at}`);
    }
  }
});

verifying('a changed id, type, revision or stream is found at its event', () => {
  const [first, second] = chainOf([{ a: 1 }, { b: 2 }]) as [RawEvent, RawEvent];
  assert.is(brokenAt([first, { ...second, id: first.id }]), 1);
  assert.is(brokenAt([first, { ...second, type: 'Other' }]), 1);
  assert.is(brokenAt([first, { ...second, revision: 2 }]), 1);
  assert.is(brokenAt([{ ...first, stream: 'other' }, second]), 0);
  assert.is(brokenAt([first, { ...second, isJson: false }]), 1);
});

verifying('a removed event is found where it is missing, at the end only with the head', () => {
  fc.assert(
    fc.property(
      chains.chain((events) => fc.tuple(fc.constant(events), place(events))),
      ([events, index]) => {
        const without = events.filter((_, at) => at !== index);
        const whole = verifyChain(events);
        assert.ok(whole.ok);
        if (!whole.ok) return;
        const verdict = verifyChain(without, { stream: STREAM, expectedHead: whole.head });
        assert.is(verdict.ok, false);
        assert.is(!verdict.ok && verdict.index, index);
      },
    ),
  );
});

verifying('two events that changed places are found at the first of them', () => {
  fc.assert(
    fc.property(
      chains.chain((events) => fc.tuple(fc.constant(events), place(events), place(events))),
      ([events, one, other]) => {
        fc.pre(one !== other);
        const swapped = [...events];
        [swapped[one], swapped[other]] = [events[other] as RawEvent, events[one] as RawEvent];
        assert.is(brokenAt(swapped), Math.min(one, other));
        // Renumbering them to hide it does not help.
        assert.is(brokenAt(swapped.map((event, revision) => ({ ...event, revision }))), Math.min(one, other));
      },
    ),
  );
});

verifying('an inserted event is found where it stands, even when all later ones are renumbered', () => {
  fc.assert(
    fc.property(
      chains.chain((events) => fc.tuple(fc.constant(events), fc.nat({ max: events.length }), jsonObject)),
      ([events, index, content]) => {
        const [stranger] = chainOf([content], 'elsewhere') as [RawEvent];
        const inserted = [...events.slice(0, index), { ...stranger, stream: STREAM }, ...events.slice(index)];
        assert.is(brokenAt(inserted.map((event, revision) => ({ ...event, revision }))), index);
      },
    ),
  );
});

verifying('a history rewritten from some event on differs from the head known elsewhere', () => {
  const whole = verifyChain(chainOf([{ a: 1 }, { b: 2 }, { c: 3 }]));
  const rewritten = chainOf([{ a: 1 }, { b: 9 }, { c: 3 }]);
  assert.ok(whole.ok);
  if (!whole.ok) return;
  assert.ok(verifyChain(rewritten).ok);
  const verdict = verifyChain(rewritten, { expectedHead: whole.head });
  assert.is(!verdict.ok && verdict.reason, 'ends-early');
});

verifying('a stream whose beginning was truncated is checked from its first event', () => {
  const events = chainOf([{ a: 1 }, { b: 2 }, { c: 3 }]).slice(1);
  assert.ok(!verifyChain(events).ok);
  assert.ok(verifyChain(events, { after: 'first' }).ok);
});

verifying('an empty stream holds', () => {
  assert.equal(verifyChain([], { stream: 's' }), { ok: true, count: 0, head: emptyHead('s') });
});

function flip(event: RawEvent, part: 'rawData' | 'rawMetadata', byte: number, bit: number): RawEvent {
  const bytes = Uint8Array.from(event[part]);
  const at = byte % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return { ...event, [part]: bytes };
}

verifying.run();
