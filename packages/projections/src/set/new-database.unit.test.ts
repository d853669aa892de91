import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { allProjections } from '../models/index.ts';
import { readModelsKey } from './new-database.ts';

const test = suite('the key of new read models');

test('it is another one when a table, or what is written into it, is another', () => {
  const [first, ...rest] = allProjections;
  assert.ok(first);
  const renamed = { ...first, table: { ...first.table, name: 'others' } };
  const keys = [allProjections, rest, [{ ...first, version: first.version + 1 }, ...rest], [renamed, ...rest]].map(
    (projections) => readModelsKey(projections),
  );
  assert.is(new Set(keys).size, keys.length);
  assert.is(readModelsKey(), keys[0]);
  assert.match(keys[0] ?? '', /^[0-9a-f]{16}$/);
});

test.run();
