import { pause } from './backoff.ts';

/** A wait that somebody else can end. */
export type WakeUp = {
  /** Ends the current wait; without one, the next wait ends at once. */
  wake: () => void;
  /** Resolves on a wake-up, after `ms`, or when the signal aborts. */
  wait(ms: number): Promise<void>;
};

/** See {@link WakeUp}. */
export function createWakeUp(signal: AbortSignal): WakeUp {
  let woken = false;
  let waking: AbortController | undefined;
  return {
    wake: () => {
      woken = true;
      waking?.abort();
    },
    wait: async (ms) => {
      waking = new AbortController();
      if (!woken) await pause(ms, AbortSignal.any([signal, waking.signal]));
      woken = false;
      waking = undefined;
    },
  };
}
