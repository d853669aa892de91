import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ReadModelBehindError } from '../errors.ts';
import { Progress } from './progress.ts';

const test = suite('watermark');

test('whoever waits for a position is let go when it is reached, not before', async () => {
  const progress = new Progress();
  let reached = false;
  const waiting = progress.waitFor(20n, 5_000).then(() => (reached = true));
  progress.moveTo(19n);
  await Promise.resolve();
  assert.not(reached);
  progress.moveTo(25n);
  await waiting;
  await progress.waitFor(25n, 0);
});

test('a position that is not reached in time is a typed error that names both', async () => {
  const progress = new Progress();
  progress.moveTo(3n);
  try {
    await progress.waitFor(9n, 5);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ReadModelBehindError);
    if (!(error instanceof ReadModelBehindError)) return;
    assert.is(error.code, 'READ_MODEL_BEHIND');
    assert.equal([error.minPosition, error.asOfPosition], [9n, 3n]);
  }
});

test('listeners are told about every move until they stop listening', () => {
  const progress = new Progress();
  let count = 0;
  const stop = progress.onProgress(() => (count += 1));
  progress.moveTo(1n);
  progress.moveTo(1n);
  progress.moveTo(2n);
  stop();
  progress.moveTo(3n);
  assert.is(count, 2);
});

test.run();
