/**
 * Events that are read pass a plain check made of their schema, and the schema itself only where that does not take them. The two
 * have to agree about every event of the domain: about its frozen examples, and about what becomes of them by small changes.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { eventDefinitions } from '@perennial/domain';
import { createEventRegistry } from '@perennial/event-store';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const checks = suite('plain checks of the events of the domain');
const corpus = new URL('../../../packages/domain/corpus/', import.meta.url);
const registry = createEventRegistry(eventDefinitions);

type Example = { readonly type: string; readonly data: unknown };

const examples = readdirSync(corpus).flatMap((name): Example[] => {
  // Written by tools/event-corpus.mjs.
  const frozen = JSON.parse(readFileSync(new URL(name, corpus), 'utf8')) as {
    readonly type: string;
    readonly schemaVersion: number;
    readonly examples: readonly unknown[];
  };
  const isCurrent = registry.find(frozen.type)?.schemaVersion === frozen.schemaVersion;
  return isCurrent ? frozen.examples.map((data) => ({ type: frozen.type, data })) : [];
});

checks('every frozen example is taken as it is, or changed by its schema', () => {
  const changed = examples.flatMap(({ type, data }) => {
    const known = registry.find(type);
    if (known?.takesAsItIs(data)) return [];
    const parsed = known?.schema.safeParse(data);
    return parsed?.success && isDeepStrictEqual(parsed.data, data) ? [type] : [];
  });
  assert.equal(changed, []);
  assert.ok(examples.length >= eventDefinitions.length);
});

/** A copy in which the part at one place (counted through all parts) is another value, or gone. */
function changedAt(value: unknown, place: { left: number }, other: unknown): unknown {
  place.left -= 1;
  if (place.left === -1) return other;
  if (Array.isArray(value)) return value.map((member: unknown) => changedAt(member, place, other));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const now = changedAt(member, place, other);
      return now === undefined ? [] : [[key, now]];
    }),
  );
}

const others = [
  undefined,
  null,
  '',
  'a',
  'x'.repeat(300),
  0,
  -1,
  1.5,
  2 ** 53,
  true,
  [],
  ['a'],
  {},
  { a: 1 },
  '2027-06-01T00:00:00.000Z',
  '2027-06-01T02:00:00+02:00',
];

checks('what is taken of a changed example, its schema takes as well, and gives back the same', () => {
  let [takenCount, refusedCount] = [0, 0];
  fc.assert(
    fc.property(
      fc.constantFrom(...examples),
      fc.nat(60),
      fc.oneof(fc.constantFrom(...others), fc.jsonValue()),
      ({ type, data }, left, other) => {
        const known = registry.find(type);
        const value = changedAt(data, { left }, other);
        const parsed = known?.schema.safeParse(value);
        const taken = known?.takesAsItIs(value) === true;
        if (taken) takenCount += 1;
        else refusedCount += 1;
        assert.is(
          taken,
          parsed?.success === true && isDeepStrictEqual(parsed.data, value),
          `${type} ${JSON.stringify(value)}`,
        );
      },
    ),
    { numRuns: 5_000 },
  );
  assert.ok(takenCount > 500 && refusedCount > 500, `${takenCount} taken, ${refusedCount} refused`);
});

checks.run();
