import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  emptyPagedMap,
  pagedAdd,
  pagedDelete,
  pagedEntries,
  pagedFromParts,
  pagedGet,
  pagedParts,
  pagedSet,
  type PagedMap,
} from './paged-map.ts';
import { joinedKey } from './key-hash.ts';
import { instantAfter } from './testing/shuffling.ts';

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
  assert.ok(copied.length > 0 && copied.length <= 17 * 4 + 1, String(copied.length));
  assert.ok(nodesOf(map.root).every((node) => (node.entries?.length ?? 0) <= 16));
});

test('keys that end alike are told apart as well, and stand in small pages', () => {
  const instants = Array.from({ length: 2_000 }, (_, index) => `timer:${instantAfter(index * 24)}`);
  let map = emptyPagedMap<number>();
  for (const [index, key] of instants.entries()) map = pagedSet(map, key, index);
  assert.is(map.size, instants.length);
  for (const [index, key] of instants.entries()) assert.is(pagedGet(map, key), index);
  assert.is(pagedGet(map, `timer:${instantAfter(1)}`), undefined);
  assert.ok(nodesOf(map.root).every((node) => (node.entries?.length ?? 0) <= 16));
  for (const key of instants.slice(1)) map = pagedDelete(map, key);
  assert.equal([...pagedEntries(map)], [[instants[0], 0]]);
});

test('a key in two parts is the key, also where it was found by its parts', () => {
  let map = emptyPagedMap<number>();
  for (const [index, rest] of ['in_1', 'in_with_a_long_name', ''].entries()) {
    map = pagedSet(map, joinedKey('stripe/', rest), index);
    assert.is(pagedGet(map, `stripe/${rest}`), index);
    assert.is(pagedGet(map, joinedKey('stripe/', rest)), index);
  }
  assert.is(map.size, 3);
});

test('adding a key that is there changes nothing', () => {
  const map = pagedAdd(emptyPagedMap<number>(), 'a', 1);
  assert.is(pagedAdd(map, 'a', 2), map);
  assert.is(pagedGet(map, 'a'), 1);
});

for (const levels of [0, 1, 2] as const) {
  test(`is the same when made of its parts again, which are read on demand (${levels} levels)`, () => {
    let map = emptyPagedMap<number>();
    for (let index = 0; index < 3_000; index += 1) map = pagedSet(map, `person-${index}`, index);
    const parts = pagedParts(map, levels).map(({ entries }) => entries());
    let readCount = 0;
    const made = pagedFromParts<number>({ size: map.size, levels }, (index) => {
      readCount += 1;
      return parts[index] ?? [];
    });
    assert.is(pagedGet(made, 'person-1'), 1);
    assert.is(pagedGet(made, 'nobody'), undefined);
    assert.ok(readCount <= 2);
    const changed = pagedDelete(pagedSet(made, 'new', 7), 'person-2');
    const before = pagedParts(made, levels);
    const differing = pagedParts(changed, levels).filter(({ identity }, index) => identity !== before[index]?.identity);
    assert.ok(differing.length >= 1 && differing.length <= 2, 'only the parts of the two keys changed');
    assert.is(pagedGet(changed, 'new'), 7);
    assert.is(pagedGet(changed, 'person-2'), undefined);
    const expected = [...pagedEntries(map)].filter(([key]) => key !== 'person-2');
    assert.equal([...pagedEntries(changed)].sort(), [...expected, ['new', 7] as const].sort());
    assert.is(changed.size, 3_000);
  });
}

type Node = PagedMap<number>['root'];

function nodesOf(node: Node | undefined): Node[] {
  if (node === undefined) return [];
  return [node, ...(node.children ?? []).flatMap(nodesOf)];
}

test('the parts of a small map are as many as those of a large one, most of them empty', () => {
  const map = pagedSet(pagedSet(emptyPagedMap<number>(), 'alice', 1), 'bob', 2);
  for (const levels of [1, 2] as const) {
    const parts = pagedParts(map, levels);
    assert.is(parts.length, 16 ** levels);
    assert.equal(parts.flatMap(({ entries }) => entries()).sort(), [
      ['alice', 1],
      ['bob', 2],
    ]);
    assert.equal(parts.filter(({ entries }) => entries().length === 0).length, parts.length - 2);
  }
});

test.run();
