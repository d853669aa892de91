import { setTimeout as delay } from 'node:timers/promises';

/** Exponential waits with jitter. */
export type BackoffOptions = {
  /** Longest wait of the first retry. */
  readonly firstMs: number;
  /** Longest wait of any retry. */
  readonly maxMs: number;
  /** Uniform in [0, 1); default `Math.random`. */
  readonly random?: () => number;
};

/** Retry in place: 50 ms, doubling to 5 s (`notes/event-sourcing.md` 6.10). */
export const transientBackoff: BackoffOptions = { firstMs: 50, maxMs: 5_000 };

/** The wait before retry `attempt` (from 1): between half and all of the doubled limit. */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const limit = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(limit * (0.5 + 0.5 * (options.random ?? Math.random)()));
}

/** Waits, but not past the abort of `signal`: then it answers at once, without an error. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const aborted = () => signal?.aborted === true;
  if (aborted()) return;
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    if (!aborted()) throw error;
  }
}
