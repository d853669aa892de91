/** How fast a set is filled, over the last seconds. */
export class BuildRate {
  readonly #samples: { readonly atMs: number; readonly eventCount: number; readonly position: bigint }[] = [];
  readonly #windowMs: number;

  constructor(windowMs = 10_000) {
    this.#windowMs = windowMs;
  }

  /** Notes where the set stands. */
  note(atMs: number, eventCount: number, position: bigint): void {
    this.#samples.push({ atMs, eventCount, position });
    // The last sample before the window stays: the rate is taken from there.
    while (this.#samples.length > 2 && (this.#samples[1]?.atMs ?? atMs) <= atMs - this.#windowMs) this.#samples.shift();
  }

  get eventsPerSecond(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return Math.round(((last.eventCount - first.eventCount) * 1000) / (last.atMs - first.atMs));
  }

  /** Seconds until `end` is reached if it goes on like this; undefined while that cannot be said. */
  etaS(end: bigint): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.position <= first.position) return undefined;
    if (last.position >= end) return 0;
    const perMs = Number(last.position - first.position) / Math.max(1, last.atMs - first.atMs);
    return Math.ceil(Number(end - last.position) / perMs / 1000);
  }
}
