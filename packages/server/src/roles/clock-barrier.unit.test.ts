import type { VirtualClock } from '@perennial/handlers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createClockBarrier, type ClockBarrierParts } from './clock-barrier.ts';

const test = suite('clock barrier');
const january = '2027-01-01T00:00:00.000Z';
const february = '2027-02-01T00:00:00.000Z';

function partsThatLog(log: string[], clocks: string[] = []): ClockBarrierParts {
  let now = january;
  const clock: VirtualClock = {
    virtual: true,
    now: () => now,
    onAdvance: () => () => undefined,
    close: () => Promise.resolve(),
    advanceTo: (to) => {
      log.push('clock');
      now = to;
      return Promise.resolve(to);
    },
  };
  const note = (what: string) => () => {
    log.push(what);
    return Promise.resolve();
  };
  return {
    clock,
    paymentsSettled: note('payments'),
    matchesSettled: note('matches'),
    timersRun: note('timers'),
    readModelsCaughtUp: async () => {
      await note('read models')();
      return 42n;
    },
    slowestClock: () => Promise.resolve(clocks.shift() ?? now),
  };
}

test('payments come before the clock, timers after it, and the read models last', async () => {
  const log: string[] = [];
  const answer = await createClockBarrier(partsThatLog(log))(february);
  assert.equal(log, ['payments', 'read models', 'matches', 'clock', 'read models', 'timers', 'read models']);
  assert.equal(answer, { now: february, position: '42' });
});

test('timers wait until every process shows the new time', async () => {
  const log: string[] = [];
  const clocks = [january, january, february];
  await createClockBarrier(partsThatLog(log, clocks))(february);
  assert.is(clocks.length, 0);
});

test('a second move begins when the first has ended, even when that failed', async () => {
  const log: string[] = [];
  const parts = partsThatLog(log);
  let calls = 0;
  const barrier = createClockBarrier({
    ...parts,
    paymentsSettled: () => (++calls === 1 ? Promise.reject(new Error('the broker is away')) : Promise.resolve()),
  });
  const first = barrier(february);
  const second = barrier(february);
  await first.then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, 'the broker is away'),
  );
  assert.is((await second).now, february);
});

test.run();
