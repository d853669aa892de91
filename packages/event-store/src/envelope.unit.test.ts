import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isMetadata, metadataSchema } from './envelope.ts';

const test = suite('the envelope');
const hash = 'a'.repeat(64);
const valid = {
  schemaVersion: 1,
  effectiveAt: '2027-01-01T00:00:00.000Z',
  recordedAt: '2027-01-01T00:00:00.000Z',
  actor: { type: 'user', id: 'p-1', roles: ['support'] },
  commandId: 'c',
  $correlationId: 'c',
  $causationId: 'c',
  prevHash: hash,
  hash,
};
const names = [
  ...Object.keys(valid),
  'tenant',
  'policy',
  'catalogue',
  'tzdata',
  'reason',
  'commandHash',
  'traceparent',
  'new',
];
const oddValues: readonly unknown[] = [
  undefined,
  null,
  0,
  1,
  1.5,
  -1,
  2 ** 60,
  NaN,
  true,
  '',
  'text',
  hash,
  'A'.repeat(64),
  `${hash}\n`,
  '2027-01-01T00:00:00.000Z',
  '2027-01-01T00:00:00Z',
  [],
  ['a'],
  [1],
  {},
  { type: 'user' },
  { type: 'robot', id: 'x', roles: [] },
  { type: 'system', id: 1, roles: [] },
  { type: 'system', id: 'x', roles: [1] },
  { type: 'system', id: 'x', roles: 'a' },
  { type: 'system', id: 'x', roles: [], more: 1 },
];
const odd = fc.constantFrom<unknown>(...oddValues);

test('the quick look takes exactly what the schema takes, and leaves it as it is', () => {
  const changed = fc.array(fc.tuple(fc.constantFrom(...names), odd), { maxLength: 2 });
  fc.assert(
    fc.property(changed, (changes) => {
      const value = { ...valid, ...Object.fromEntries(changes) };
      const parsed = metadataSchema.safeParse(value);
      assert.is(isMetadata(value), parsed.success, JSON.stringify(value));
      if (parsed.success) assert.equal(value, parsed.data);
    }),
    { numRuns: 5000 },
  );
  for (const value of [null, undefined, [], 'text', 7]) assert.not.ok(isMetadata(value));
});

test.run();
