import { setTimeout as delay } from 'node:timers/promises';

/** How work that has to go on for ever is tried again. */
export type RetryingOptions = {
  readonly signal: AbortSignal;
  /** Pauses after a failure: doubled from the first to the last; random between half of it and all. */
  readonly backoffFirstMs: number;
  readonly backoffLastMs: number;
  /** Something that changes when the work got anywhere: then the pauses begin anew. */
  readonly progress: () => unknown;
  /** Trying again cannot help: the failure is thrown. */
  readonly isFatal: (error: unknown) => boolean;
  readonly onFailure: (error: unknown, backoffMs: number) => void;
};

/** Does `work` again and again until `isDone`, or until `signal` aborts; failures are followed by a pause. */
export async function retrying(
  work: () => Promise<void>,
  isDone: () => boolean,
  options: RetryingOptions,
): Promise<void> {
  const { signal, backoffFirstMs, backoffLastMs } = options;
  let backoffMs = backoffFirstMs;
  while (!signal.aborted && !isDone()) {
    const before = options.progress();
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      if (options.isFatal(error)) throw error;
      if (options.progress() !== before) backoffMs = backoffFirstMs;
      options.onFailure(error, backoffMs);
      await delay(backoffMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, backoffLastMs);
    }
  }
}

/** Resolves when a signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
