import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { median, percentile } from './percentile.ts';

const test = suite('percentile');

test('is the nearest rank, whatever the order of the samples', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.is(percentile(samples, 0.5), 50);
  assert.is(percentile(samples, 0.99), 99);
  assert.is(percentile(samples, 1), 100);
  assert.is(percentile([7], 0.99), 7);
});

test('compares numbers as numbers', () => assert.is(percentile([9, 10, 100], 0.5), 10));

test('leaves the samples as they were', () => {
  const samples = [3, 1, 2];
  assert.is(median(samples), 2);
  assert.equal(samples, [3, 1, 2]);
});

test('is null where nothing was measured', () => assert.is(percentile([], 0.5), null));

test.run();
