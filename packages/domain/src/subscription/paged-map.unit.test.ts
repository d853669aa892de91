import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { emptyPagedMap, pagedDelete, pagedEntries, pagedGet, pagedSet, type PagedMap } from './paged-map.ts';

const test = suite('paged map');

test('behaves as a Map, and older versions stay as they were', () => {
  const change = fc.record({ key: fc.integer({ min: 0, max: 90 }).map(String), value: fc.option(fc.nat()) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
      const model = new Map<string, number>();
      const versions: [PagedMap<number>, [string, number][]][] = [];
      let map = emptyPagedMap<number>();
      for (const { key, value } of changes) {
        if (value === null) model.delete(key);
        else model.set(key, value);
        map = value === null ? pagedDelete(map, key) : pagedSet(map, key, value);
        versions.push([map, [...model]]);
      }
      for (const [version, expected] of versions.filter((_, index) => index % 20 === 0)) {
        assert.is(version.size, expected.length);
        assert.equal([...pagedEntries(version)].sort(), expected.sort());
        for (const [key, value] of expected) assert.is(pagedGet(version, key), value);
      }
    }),
    { numRuns: 30 },
  );
});

test('a change of a large map copies its pages and their branches, not the map', () => {
  let map = emptyPagedMap<number>();
  for (let index = 0; index < 20_000; index += 1) map = pagedSet(map, `person-${index}`, index);
  assert.is(map.size, 20_000);
  const before = new Set(nodesOf(map.root));
  let changed = map;
  for (let index = 0; index < 17; index += 1) changed = pagedSet(changed, `person-${index}`, -1);
  const copied = nodesOf(changed.root).filter((node) => !before.has(node));
  assert.ok(copied.length > 0 && copied.length <= 17 * 3 + 1, String(copied.length));
  assert.ok(nodesOf(map.root).every((node) => !('entries' in node) || node.entries.length <= 32));
});

type Node = PagedMap<number>['root'];

function nodesOf(node: Node | undefined): Node[] {
  if (node === undefined) return [];
  return 'entries' in node ? [node] : [node, ...node.children.flatMap(nodesOf)];
}

test.run();
