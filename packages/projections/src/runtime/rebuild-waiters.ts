import type { Comparison } from './compare-sets.ts';
import { SetNotReadyError } from './set-build.ts';

type Waiter = { readonly resolve: (comparison: Comparison) => void; readonly reject: (error: Error) => void };

/** Whoever waits until a set that is built has taken over. */
export class RebuildWaiters {
  readonly #waiters = new Map<number, Waiter[]>();

  /** Resolves when the set takes over; rejects when it is gone, or nobody works on it any more. */
  wait(setId: number): Promise<Comparison> {
    return new Promise((resolve, reject) => {
      this.#waiters.set(setId, [...(this.#waiters.get(setId) ?? []), { resolve, reject }]);
    });
  }

  tookOver(setId: number, comparison: Comparison): void {
    for (const { resolve } of this.#take(setId)) resolve(comparison);
  }

  /** Says which sets there still are. */
  keepOnly(setIds: readonly (number | undefined)[]): void {
    for (const setId of this.#waiters.keys()) {
      if (setIds.includes(setId)) continue;
      const error = new SetNotReadyError('The set that was being built is gone; begin with projection rebuild.');
      for (const { reject } of this.#take(setId)) reject(error);
    }
  }

  giveUp(): void {
    for (const setId of this.#waiters.keys()) {
      for (const { reject } of this.#take(setId)) reject(new Error('the projections were stopped'));
    }
  }

  #take(setId: number): readonly Waiter[] {
    const waiters = this.#waiters.get(setId) ?? [];
    this.#waiters.delete(setId);
    return waiters;
  }
}
