import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuUsPer, parseStat } from './cpu-time.ts';

const test = suite('CPU time');

test('finds parent and times behind a name with brackets and spaces', () => {
  const stat = '42 (a (strange) name) S 7 42 42 0 -1 4194304 100 0 0 0 11 22 3 4 20 0 1 0 100';
  assert.equal(parseStat(42, stat), { pid: 42, parent: 7, ticks: 40 });
});

test('is per unit of work, in microseconds', () =>
  assert.equal(cpuUsPer(1_000, { intake: 100 }, { intake: 600, owner: 50 }), { intake: 500, owner: 50 }));

test.run();
