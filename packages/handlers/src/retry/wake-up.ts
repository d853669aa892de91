import { pause } from './backoff.ts';

/** A wait that somebody else can end. */
export type WakeUp = {
  /** Ends the current wait; without one, the next wait ends at once. */
  wake: () => void;
  /**
   * Resolves on a wake-up, after `ms`, or when the signal aborts. Woken waits end at least an interval after one another:
   * the first wake-up after a silence counts at once, those of a burst together.
   */
  wait(ms: number): Promise<void>;
};

/** How soon after a wait the next one may be woken; every wake-up costs queries. */
const wakeIntervalMs = 100;

/** See {@link WakeUp}. */
export function createWakeUp(signal: AbortSignal, intervalMs = wakeIntervalMs): WakeUp {
  let woken = false;
  let waking: AbortController | undefined;
  let lastEnded = -Infinity;
  return {
    wake: () => {
      woken = true;
      waking?.abort();
    },
    wait: async (ms) => {
      const until = performance.now() + ms;
      waking = new AbortController();
      if (!woken) await pause(ms, AbortSignal.any([signal, waking.signal]));
      waking = undefined;
      const earlyMs = Math.min(until, lastEnded + intervalMs) - performance.now();
      if (woken && earlyMs > 0) await pause(earlyMs, signal);
      woken = false;
      lastEnded = performance.now();
    },
  };
}
