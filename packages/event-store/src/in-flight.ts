import { EventStoreOverloadedError } from './errors.ts';

/** Lets at most `inFlightMax` pass at once, in the order of asking, and at most `waitingMax` wait. */
export class InFlightLimit {
  readonly #waiting: (() => void)[] = [];
  readonly #inFlightMax: number;
  readonly #waitingMax: number;
  #inFlight = 0;
  #idle: (() => void)[] = [];

  constructor(inFlightMax: number, waitingMax: number) {
    this.#inFlightMax = inFlightMax;
    this.#waitingMax = waitingMax;
  }

  /** @throws EventStoreOverloadedError when too many wait already. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#inFlight >= this.#inFlightMax) await this.#wait();
    else this.#inFlight += 1;
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  /** Resolves when nothing is in flight or waiting. */
  async whenIdle(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax) throw new EventStoreOverloadedError(this.#waiting.length);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    // The place is handed over, not freed, so that nobody who comes now overtakes those who wait.
    const next = this.#waiting.shift();
    if (next) return next();
    this.#inFlight -= 1;
    if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
