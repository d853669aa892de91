import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadFor, quickScale } from './scale.ts';

const test = suite('load of a round');

test('takes the slowest system about the length of a round', () =>
  assert.is(loadFor(quickScale, 500).paymentCount, 500 * quickScale.roundSeconds));

test('pays every subscription once on a very slow machine', () =>
  assert.is(loadFor(quickScale, 1).paymentCount, quickScale.subscriptionCount));

test('measures latency far below the limit of the slowest system', () => {
  assert.is(loadFor(quickScale, 1_000).latency.ratePerSecond, 50);
  assert.is(loadFor(quickScale, 100).latency.ratePerSecond, 25);
  assert.is(loadFor(quickScale, 2).latency.ratePerSecond, 1);
});

test.run();
