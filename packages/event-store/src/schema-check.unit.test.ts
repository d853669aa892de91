import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { isSameJson } from './json.ts';
import { compileCheck } from './schema-check.ts';

const checks = suite('plain checks made of schemas');

type Tree = { readonly name: string; readonly below?: readonly Tree[] | undefined };
const tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), below: z.array(tree).optional() }));

/** Each with values that it takes as they are, and values that it refuses or changes. */
const cases: readonly (readonly [string, z.ZodType, readonly unknown[], readonly unknown[]])[] = [
  ['text', z.string(), ['', 'a'], [1, null, undefined, {}]],
  ['text of a length', z.string().min(2).max(3), ['ab', 'abc'], ['a', 'abcd', 5]],
  ['text of one length', z.string().length(2), ['ab'], ['a', 'abc']],
  ['text like a pattern', z.string().regex(/^a+$/g), ['a', 'aa'], ['', 'b', 'ab']],
  ['text that is changed', z.string().trim(), ['a'], [' a']],
  [
    'text in a known format',
    z.iso.datetime({ precision: 3 }),
    ['2027-06-01T00:00:00.000Z'],
    ['2027-02-30T00:00:00.000Z', '2027-06-01'],
  ],
  ['text in any other format', z.email(), ['a@b.example'], ['a']],
  ['text from anything', z.coerce.string(), ['a'], [1, null]],
  ['numbers', z.number(), [0, -1.5], ['1', Number.NaN, Infinity]],
  ['whole numbers', z.int().min(1).max(3), [1, 3], [0, 4, 1.5, '1']],
  ['numbers between', z.number().gt(0).lt(1), [0.5], [0, 1]],
  ['numbers by steps', z.number().multipleOf(5), [5], [4]],
  ['yes or no', z.boolean(), [true, false], [0, 'true', null]],
  ['nothing', z.null(), [null], [undefined, 0]],
  ['one of some', z.enum(['a', 'b']), ['a'], ['c', 1]],
  ['exactly', z.literal(['a', 1]), ['a', 1], ['b', '1']],
  ['or nothing', z.string().nullable(), ['a', null], [1, undefined]],
  ['lists', z.array(z.int()).min(1).max(2), [[1], [1, 2]], [[], [1, 2, 3], ['1'], {}]],
  ['records', z.record(z.string().max(2), z.int()), [{}, { a: 1 }], [{ abc: 1 }, { a: '1' }, []]],
  ['records of all', z.record(z.enum(['a', 'b']), z.int()), [{ a: 1, b: 2 }], [{ a: 1 }, { a: 1, b: 2, c: 3 }]],
  [
    'members',
    z.object({ a: z.string(), b: z.int().optional() }),
    [{ a: '' }, { a: '', b: 1 }],
    [{}, { b: 1 }, { a: '', c: 1 }, [], null],
  ],
  ['members and no others', z.strictObject({ a: z.string() }), [{ a: '' }], [{ a: '', b: '' }]],
  ['members and any others', z.looseObject({ a: z.string() }), [{ a: '' }, { a: '', b: [] }], [{ b: '' }]],
  ['members that stand in', z.object({ a: z.string().default('x') }), [{ a: '' }], [{}]],
  ['members that stand in and may be absent', z.object({ a: z.string().default('x').optional() }), [{ a: '' }], [{}]],
  [
    'members from a prototype',
    z.object({ constructor: z.string().optional() }),
    [{ constructor: 'a' }],
    [{}, JSON.parse('{"__proto__":1}')],
  ],
  [
    'members together',
    z.object({ a: z.int(), b: z.int() }).refine(({ a, b }) => a < b),
    [{ a: 1, b: 2 }],
    [{ a: 2, b: 1 }],
  ],
  [
    'either',
    z.union([z.object({ a: z.string() }), z.object({ a: z.string(), b: z.int() })]),
    [{ a: '' }],
    [{ a: '', b: 1 }],
  ],
  ['one or the other', z.union([z.string(), z.null(), z.object({ a: z.int() })]), ['', null, { a: 1 }], [1, {}]],
  [
    'told apart',
    z.discriminatedUnion('k', [z.object({ k: z.literal(1) }), z.object({ k: z.literal(2), a: z.int() })]),
    [{ k: 1 }, { k: 2, a: 1 }],
    [{ k: 2 }, { k: 3 }, { k: 1, a: 1 }],
  ],
  ['what is changed', z.string().transform((text) => text.toUpperCase()), ['A'], ['a']],
  ['pairs', z.tuple([z.string(), z.int()]), [['', 1]], [[''], [1, 1]]],
  ['itself', tree, [{ name: '', below: [{ name: 'a' }] }], [{ name: '', below: [{}] }]],
];

for (const [name, schema, taken, others] of cases) {
  checks(`${name}: true for what the schema takes as it is, and only for that`, () => {
    const check = compileCheck(schema);
    for (const value of taken) assert.ok(check(value), `${JSON.stringify(value)} is taken`);
    for (const value of others) assert.not(check(value), `${JSON.stringify(value)} is refused or changed`);
  });
}

checks('what any of them takes, its schema takes as well, and gives back the same', () => {
  const values = [...new Set(cases.flatMap(([, , taken, others]) => [...taken, ...others]))];
  const value = fc.oneof(fc.constantFrom(...values), fc.jsonValue());
  fc.assert(
    fc.property(fc.constantFrom(...cases), value, ([, schema], candidate) => {
      if (!compileCheck(schema)(candidate)) return;
      const parsed = schema.safeParse(candidate);
      assert.ok(parsed.success && isSameJson(parsed.data, candidate));
    }),
    { numRuns: 2_000 },
  );
});

checks('a schema that would have to be waited for is a mistake in the program', () => {
  const check = compileCheck(z.string().refine(async () => Promise.resolve(true)));
  assert.throws(() => check('a'), /asynchronous/);
});

checks.run();
