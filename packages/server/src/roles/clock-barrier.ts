/**
 * `POST /clock` as a barrier (`contract.md`): every payment accepted before it is applied or parked, then the clock moves
 * everywhere, then timers run until none is due, then the read models catch up.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Instant } from '@perennial/domain';
import type { VirtualClock } from '@perennial/handlers';

/** What the barrier waits for. Every wait is bounded by the part itself. */
export type ClockBarrierParts = {
  readonly clock: VirtualClock;
  /** Every payment stored so far is applied or parked. */
  paymentsSettled(): Promise<void>;
  /** The read models hold everything stored so far; answers that position. */
  readModelsCaughtUp(): Promise<bigint>;
  /** Waiting payments whose subscription is known by now are applied. */
  matchesSettled(): Promise<void>;
  /** Fires what is due, again and again, until nothing is. */
  timersRun(now: Instant): Promise<void>;
  /** The earliest time that any process still shows. */
  slowestClock(): Promise<Instant>;
};

/** The clock did not reach every process in time. */
export class ClockBarrierError extends Error {
  override readonly name = 'ClockBarrierError';
  readonly code = 'CLOCK_BARRIER_TIMEOUT';
}

const clockWaitMs = 10_000;
const pollMs = 10;

/** Moves the clock and answers when everything that follows from it is visible. One at a time. */
export function createClockBarrier(
  parts: ClockBarrierParts,
): (to: Instant) => Promise<{ now: Instant; position: string }> {
  let last: Promise<unknown> = Promise.resolve();
  return (to) => {
    const moved = last.then(() => move(parts, to));
    last = moved.catch(() => undefined);
    return moved;
  };
}

async function move(parts: ClockBarrierParts, to: Instant): Promise<{ now: Instant; position: string }> {
  await settlePayments(parts);
  const now = await parts.clock.advanceTo(to);
  await reachEveryProcess(parts, now);
  await parts.readModelsCaughtUp();
  await parts.timersRun(now);
  return { now, position: String(await parts.readModelsCaughtUp()) };
}

/** A match is found in the read models, and applying it is another append: hence the order. */
async function settlePayments(parts: ClockBarrierParts): Promise<void> {
  await parts.paymentsSettled();
  await parts.readModelsCaughtUp();
  await parts.matchesSettled();
}

async function reachEveryProcess(parts: ClockBarrierParts, now: Instant): Promise<void> {
  const deadline = performance.now() + clockWaitMs;
  while ((await parts.slowestClock()) < now) {
    if (performance.now() > deadline) {
      throw new ClockBarrierError(
        `The clock moved to ${now}, but not every process saw it within ${clockWaitMs} ms; look at /readyz and ask again.`,
      );
    }
    await delay(pollMs);
  }
}
