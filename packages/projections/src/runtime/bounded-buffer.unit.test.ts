import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BoundedBuffer } from './bounded-buffer.ts';

const test = suite('buffer between reader and writer');

test('the reader waits while it is full, and goes on when something is taken', async () => {
  const buffer = new BoundedBuffer<number>(2);
  await buffer.put(1);
  await buffer.put(2);
  let third = false;
  const putting = buffer.put(3).then(() => (third = true));
  await Promise.resolve();
  assert.not(third);
  assert.equal(await buffer.take(1, 1_000), [1]);
  await putting;
  assert.ok(third);
  assert.equal(await buffer.take(10, 1_000), [2, 3]);
});

test('silence is told after the time given', async () => {
  const buffer = new BoundedBuffer<number>(2);
  assert.is(await buffer.take(1, 5), undefined);
});

test('after the end what is left is taken, then nothing; a blocked reader is let go', async () => {
  const buffer = new BoundedBuffer<number>(1);
  await buffer.put(1);
  const blocked = buffer.put(2);
  buffer.end();
  assert.is(await blocked, false);
  assert.equal(await buffer.take(5, 1_000), [1]);
  assert.equal(await buffer.take(5, 1_000), []);
});

test('an error of the reader reaches the writer after what was read before it', async () => {
  const buffer = new BoundedBuffer<number>(2);
  await buffer.put(1);
  buffer.end(new Error('broken'));
  assert.equal(await buffer.take(5, 1_000), [1]);
  try {
    await buffer.take(5, 1_000);
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), 'broken');
  }
});

test('a batch is filled with what arrives while it lingers, never beyond its size', async () => {
  const buffer = new BoundedBuffer<number>(10);
  await buffer.put(1);
  const batch = (await buffer.take(3, 1_000)) ?? [];
  const filling = buffer.fill(batch, 3, 1_000);
  await buffer.put(2);
  await buffer.put(3);
  await buffer.put(4);
  await filling;
  assert.equal(batch, [1, 2, 3]);
  assert.equal(await buffer.take(3, 1_000), [4]);
});

test.run();
