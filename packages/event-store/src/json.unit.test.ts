import canonicalize from 'canonicalize';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canonicalJson } from './json.ts';

const json = suite('canonical JSON');

json('any JSON is written as the reference library writes it, and reads back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 }), (value) => {
      const text = canonicalJson(value);
      assert.is(text, canonicalize(value));
      assert.is(canonicalJson(JSON.parse(text)), text);
    }),
    { numRuns: 1000 },
  );
});

json('keys are ordered by UTF-16 code units, numbers among them too', () => {
  const keys = ['b', 'a', '10', '9', '\u20ac', '\ud83d\ude02', '\ufb33'];
  const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])));
  const places = ['10', '9', 'a', 'b', '\u20ac', '\ud83d\ude02', '\ufb33'].map((key) => text.indexOf(`"${key}"`));
  assert.equal(
    places,
    [...places].sort((one, other) => one - other),
  );
  assert.not.ok(places.includes(-1));
});

json('numbers are written as RFC 8785 says', () => {
  const numbers = [0, -0, 1e21, 1e-7, Number('333333333.33333329'), 1e30, 4.5, 2e-3, 9007199254740992];
  assert.is(canonicalJson(numbers), '[0,0,1e+21,1e-7,333333333.3333333,1e+30,4.5,0.002,9007199254740992]');
});

json('a property named toJSON or __proto__ is data like any other', () => {
  const parsed: unknown = JSON.parse('{"toJSON":1,"__proto__":{"x":2}}');
  assert.is(canonicalJson(parsed), '{"__proto__":{"x":2},"toJSON":1}');
});

json('one object in two places is no cycle', () => {
  const shared = { a: 1 };
  assert.is(canonicalJson([shared, shared]), '[{"a":1},{"a":1}]');
});

json.run();
