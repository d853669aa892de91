import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RecentIds } from './recent-ids.ts';

const test = suite('recent ids');

test('knows at least the last half of its capacity, and never more than all of it', () => {
  const ids = new RecentIds(100);
  for (let index = 0; index < 1000; index += 1) ids.add(`id-${index}`, 's', index, index * 10);
  for (let index = 950; index < 1000; index += 1) {
    assert.equal(ids.find(`id-${index}`, 's'), { revision: index, position: index * 10 });
  }
  assert.is(ids.find('id-899', 's'), undefined);
});

test('knows an id only for the stream it was written to last', () => {
  const ids = new RecentIds(10);
  ids.add('id', 'a', 0, 64);
  assert.is(ids.find('id', 'b'), undefined);
  ids.add('id', 'b', 5, 90);
  assert.is(ids.find('id', 'a'), undefined);
  assert.equal(ids.find('id', 'b'), { revision: 5, position: 90 });
});

test.run();
