import { setTimeout as delay } from 'node:timers/promises';

/** Pauses between attempts, doubled up to a bound and jittered, so that many callers do not return at one instant. */
export type Backoff = {
  /** Waits before the next attempt; resolves at once when `signal` aborts. */
  pause(signal?: AbortSignal): Promise<void>;
  /** After a success: the next pause is the shortest again. */
  reset(): void;
};

/** Starts a row of pauses. */
export function createBackoff(bounds: { readonly backoffFirstMs: number; readonly backoffLastMs: number }): Backoff {
  let next = bounds.backoffFirstMs;
  return {
    async pause(signal) {
      const ms = next * (0.5 + Math.random() / 2);
      next = Math.min(next * 2, bounds.backoffLastMs);
      await delay(ms, undefined, signal ? { signal } : {}).catch(() => {}); // only an abort rejects: the caller looks at the signal
    },
    reset() {
      next = bounds.backoffFirstMs;
    },
  };
}

/** Marks a wait that took too long. */
export class TimedOutError extends Error {
  override readonly name = 'TimedOutError';
  constructor(what: string, timeoutMs: number) {
    super(`${what} took longer than ${timeoutMs} ms`);
  }
}

/** Waits for `promise`, but not longer than `timeoutMs`: then rejects with TimedOutError. The timer never outlives the call. */
export async function withTimeout<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOutError(what, timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
