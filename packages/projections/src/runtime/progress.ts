import { ReadModelBehindError } from '../errors.ts';
import type { ReadModelProgress } from '../ports.ts';

/** The watermark in memory, and whoever waits for it. */
export class Progress implements ReadModelProgress {
  #position = -1n;
  readonly #listeners = new Set<() => void>();

  get position(): bigint {
    return this.#position;
  }

  /** Called after a commit. */
  moveTo(position: bigint): void {
    if (position === this.#position) return;
    this.#position = position;
    for (const listener of this.#listeners) listener();
  }

  onProgress(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  waitFor(position: bigint, timeoutMs: number): Promise<void> {
    if (this.#position >= position) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (done: () => void): void => {
        clearTimeout(timer);
        stop();
        done();
      };
      const timer = setTimeout(
        () => settle(() => reject(new ReadModelBehindError(position, this.#position, timeoutMs))),
        timeoutMs,
      );
      const stop = this.onProgress(() => {
        if (this.#position >= position) settle(resolve);
      });
    });
  }
}
