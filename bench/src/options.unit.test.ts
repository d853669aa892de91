import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readOptions } from './options.ts';

const test = suite('options of the bench');

test('prints a table of everything when nothing is asked', () =>
  assert.equal(readOptions([]), { json: false, quick: false, only: undefined, profile: undefined, help: false }));

test('takes what the contract names', () => {
  const options = readOptions(['--json', '--quick', '--only', 'append']);
  assert.is(options.json, true);
  assert.is(options.quick, true);
  assert.is(options.only, 'append');
});

test('refuses what it does not know', () => assert.throws(() => readOptions(['--fast']), /--fast/));

test.run();
