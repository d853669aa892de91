import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { summarise, type CpuProfile } from './summary.ts';

const test = suite('summary of a CPU profile');

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
  children,
});

const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', '', [2, 3]),
    node(2, '(idle)', ''),
    node(3, 'handle', 'file:///x/packages/handlers/dist/intake.js', [4, 5]),
    node(4, 'parse', 'file:///x/node_modules/.pnpm/zod@4/node_modules/zod/v4/core.js'),
    node(5, 'handle', 'file:///x/packages/handlers/dist/intake.js', [6]),
    node(6, 'write', 'node:internal/streams/writable'),
  ],
  samples: [2, 3, 4, 5, 6],
  timeDeltas: [60, 10, 10, 10, 10],
  startTime: 0,
  endTime: 100,
};

test('leaves idle time out', () => assert.is(summarise(profile, 10).busy, 0.4));

test('sums own time up by package', () =>
  assert.equal(summarise(profile, 10).packages, [
    { name: '@perennial/handlers', share: 0.5 },
    { name: 'zod', share: 0.25 },
    { name: 'node:internal/streams', share: 0.25 },
  ]));

test('counts a function of ours with all that it called, once', () =>
  assert.equal(summarise(profile, 10).ours, [{ name: 'handle handlers/dist/intake.js:10', share: 1 }]));

test.run();
