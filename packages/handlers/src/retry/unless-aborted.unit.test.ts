import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { unlessAborted } from './unless-aborted.ts';

const test = suite('a wait that a stop abandons');
const never = new Promise<number>(() => undefined);

test('what the promise answers is answered', async () => {
  assert.is(await unlessAborted(Promise.resolve(7), new AbortController().signal), 7);
  assert.is(await unlessAborted(Promise.resolve(7), undefined), 7);
});

test('an abort ends the wait, also one that came before', async () => {
  const abort = new AbortController();
  const waiting = unlessAborted(never, abort.signal);
  abort.abort();
  assert.is(await waiting, undefined);
  assert.is(await unlessAborted(never, abort.signal), undefined);
});

test('a failure before the abort is thrown', async () => {
  await unlessAborted(Promise.reject(new Error('away')), new AbortController().signal).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, 'away'),
  );
});

test.run();
