import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { timed, windowed } from './windowed.ts';

const test = suite('windowed');

test('runs every task once and never more than the window at the same time', async () => {
  const seen: number[] = [];
  let running = 0;
  let most = 0;
  await windowed(50, 4, async (index) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    seen.push(index);
    running -= 1;
  });
  assert.equal(
    [...seen].sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, index) => index),
  );
  assert.is(most, 4);
});

test('rejects when a task fails', async () => {
  let failure: unknown;
  try {
    await windowed(3, 2, (index) => (index === 1 ? Promise.reject(new Error('no')) : Promise.resolve()));
  } catch (error) {
    failure = error;
  }
  assert.instance(failure, Error);
});

test('times every task', async () => {
  const { latenciesMs, perSecond } = await timed(5, 2, () => Promise.resolve());
  assert.is(latenciesMs.length, 5);
  assert.ok(perSecond > 0);
});

test.run();
