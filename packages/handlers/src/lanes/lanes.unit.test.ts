import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLanes, OverloadedError } from './lanes.ts';

const test = suite('lanes');

test('tasks of a key run one after the other in their order, whatever each of them takes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 4 }),
      async (scheduler, keys, inFlightCountMax) => {
        const lanes = createLanes({ inFlightCountMax, waitingCountMax: keys.length });
        const running = new Set<string>();
        const done = new Map<string, number[]>();
        let most = 0;
        const all = keys.map((key, index) =>
          lanes.run(key, async () => {
            assert.not.ok(running.has(key), `two tasks of ${key} at once`);
            running.add(key);
            most = Math.max(most, running.size);
            await scheduler.schedule(Promise.resolve(), `${key}${index}`);
            running.delete(key);
            done.set(key, [...(done.get(key) ?? []), index]);
          }),
        );
        await scheduler.waitFor(Promise.all(all));
        assert.ok(most <= inFlightCountMax, `${most} in flight of ${inFlightCountMax}`);
        for (const order of done.values())
          assert.equal(
            order,
            order.toSorted((a, b) => a - b),
          );
        assert.is([...done.values()].flat().length, keys.length);
        await lanes.idle();
        assert.is(lanes.waitingCount, 0);
      },
    ),
    { numRuns: 60 },
  );
});

test('a task that fails blocks nobody', async () => {
  const lanes = createLanes({ inFlightCountMax: 1, waitingCountMax: 10 });
  const failed = lanes.run('a', () => Promise.reject(new Error('no')));
  const next = lanes.run('a', async () => 'yes');
  assert.is(await failed.catch((error: unknown) => (error instanceof Error ? error.message : '')), 'no');
  assert.is(await next, 'yes');
});

test('what does not fit is refused, and room is announced', async () => {
  const lanes = createLanes({ inFlightCountMax: 1, waitingCountMax: 1 });
  let finish: (() => void) | undefined;
  const running = lanes.run('a', () => new Promise<void>((resolve) => (finish = resolve)));
  const waiting = lanes.run('b', async () => undefined);
  const refused = await lanes.run('c', async () => undefined).catch((error: unknown) => error);
  assert.instance(refused, OverloadedError);
  let room = false;
  const announced = lanes.room().then(() => (room = true));
  await Promise.resolve();
  assert.not.ok(room);
  finish?.();
  await Promise.all([running, waiting, announced]);
  assert.ok(room);
});

test.run();
