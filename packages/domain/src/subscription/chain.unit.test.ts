import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chainAppend, chainItems, chainLength, chainOf, type Chain } from './chain.ts';

const test = suite('chain');

test('behaves as an array, and older versions stay as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 100 }), fc.nat(), (items, other) => {
      const versions: Chain<number>[] = [null];
      for (const item of items) versions.push(chainAppend(versions.at(-1) ?? null, item));
      chainAppend(versions[Math.floor(items.length / 2)] ?? null, other);
      for (const [length, version] of versions.entries()) {
        assert.is(chainLength(version), length);
        assert.equal(chainItems(version), items.slice(0, length));
      }
      assert.equal(chainItems(chainOf(items)), items);
    }),
    { numRuns: 30 },
  );
});

test.run();
