/** Bounds on restarting something that keeps ending. */
export type RestartLimits = {
  /** How many restarts within `windowMs` are tried before giving up. */
  readonly countMax: number;
  readonly windowMs: number;
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
};

/** Generous enough for a crash test, small enough that a broken installation stops within a minute. */
export const defaultRestartLimits: RestartLimits = {
  countMax: 20,
  windowMs: 60_000,
  delayMinMs: 50,
  delayMaxMs: 2_000,
};

/** Decides when, and whether, to restart. One per supervised part. */
export class RestartBudget {
  readonly #limits: RestartLimits;
  #instants: number[] = [];

  constructor(limits: RestartLimits = defaultRestartLimits) {
    this.#limits = limits;
  }

  /**
   * Spends one restart.
   *
   * @param nowMs a monotonic clock.
   * @returns how long to wait before it, or undefined when the budget is spent.
   */
  spend(nowMs: number): number | undefined {
    this.#instants = this.#instants.filter((instant) => nowMs - instant < this.#limits.windowMs);
    if (this.#instants.length >= this.#limits.countMax) return undefined;
    const delayMs = Math.min(this.#limits.delayMaxMs, this.#limits.delayMinMs * 2 ** this.#instants.length);
    this.#instants.push(nowMs);
    return delayMs;
  }
}
