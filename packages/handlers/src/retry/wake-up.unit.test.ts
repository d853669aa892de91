import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createWakeUp } from './wake-up.ts';

const test = suite('wake-ups');
const never = new AbortController().signal;

async function timeOf(work: Promise<void>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

test('the first wake-up after a silence ends the wait at once, even if it came before', async () => {
  const wakeUp = createWakeUp(never, 60_000);
  wakeUp.wake();
  assert.ok((await timeOf(wakeUp.wait(30_000))) < 10_000);
});

test('the next one waits until the interval is over', async () => {
  const wakeUp = createWakeUp(never, 200);
  wakeUp.wake();
  await wakeUp.wait(30_000);
  const second = wakeUp.wait(30_000);
  wakeUp.wake();
  wakeUp.wake();
  const waitedMs = await timeOf(second);
  assert.ok(waitedMs > 150 && waitedMs < 10_000, `${waitedMs} ms`);
});

test('an interval never makes a wait longer than asked for', async () => {
  const wakeUp = createWakeUp(never, 60_000);
  wakeUp.wake();
  await wakeUp.wait(30_000);
  wakeUp.wake();
  assert.ok((await timeOf(wakeUp.wait(20))) < 10_000);
});

test('stopping ends a wait and the interval', async () => {
  const stopping = new AbortController();
  const wakeUp = createWakeUp(stopping.signal, 60_000);
  wakeUp.wake();
  await wakeUp.wait(30_000);
  wakeUp.wake();
  const waiting = wakeUp.wait(30_000);
  stopping.abort();
  assert.ok((await timeOf(waiting)) < 10_000);
});

test.run();
