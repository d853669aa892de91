import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventStoreOverloadedError } from './errors.ts';
import { InFlightLimit } from './in-flight.ts';

const limiting = suite('appends in flight');

/** Tasks that end when told to. */
function tasks() {
  const started: { index: number; end: () => void }[] = [];
  const task = (index: number) => () =>
    new Promise<number>((resolve) => started.push({ index, end: () => resolve(index) }));
  return { started, task };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

limiting('no more than the bound run at once, the others in their order', async () => {
  const { started, task } = tasks();
  const limit = new InFlightLimit(2, 10);
  const all = [0, 1, 2, 3].map((index) => limit.run(task(index)));
  assert.equal(
    started.map(({ index }) => index),
    [0, 1],
  );
  started[1]?.end();
  await settled();
  const late = limit.run(task(4));
  assert.equal(
    started.map(({ index }) => index),
    [0, 1, 2],
  );
  for (let next = 0; next < 5; next += 1) {
    started[next]?.end();
    await settled();
  }
  assert.equal(await Promise.all([...all, late]), [0, 1, 2, 3, 4]);
  assert.equal(
    started.map(({ index }) => index),
    [0, 1, 2, 3, 4],
  );
});

limiting('one more than may wait is refused without having run', async () => {
  const { started, task } = tasks();
  const limit = new InFlightLimit(1, 1);
  const first = limit.run(task(0));
  const second = limit.run(task(1));
  const third = await limit.run(task(2)).catch((error: unknown) => error);
  assert.instance(third, EventStoreOverloadedError);
  started[0]?.end();
  await first;
  await settled();
  started[1]?.end();
  await second;
  assert.is(started.length, 2);
});

limiting('a task that fails frees its place, and idle means none is left', async () => {
  const limit = new InFlightLimit(1, 10);
  const failing = limit.run(() => Promise.reject(new Error('no'))).catch(() => 'failed');
  const following = limit.run(() => Promise.resolve('ran'));
  await limit.whenIdle();
  assert.equal(await Promise.all([failing, following]), ['failed', 'ran']);
});

limiting.run();
