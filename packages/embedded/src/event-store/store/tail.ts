import type { StoredEvent } from './lmdb-store.ts';

/** Wakes one waiting reader; a wake-up while nobody waits is remembered. */
export class Wakeup {
  #resolve: (() => void) | undefined;
  #woken = false;

  wake(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  /** Resolves at the next wake-up, or at once when one was missed. */
  async wait(): Promise<void> {
    if (!this.#woken) await new Promise<void>((resolve) => (this.#resolve = resolve));
    this.#resolve = undefined;
    this.#woken = false;
  }
}

/** Bounds of the tail. */
export interface TailLimits {
  events: number;
  bytes: number;
}

/**
 * The newest committed events, kept in memory: a live subscriber reads here and touches the data file only after it
 * has fallen behind. Also knows whom to wake when something is committed.
 */
export class Tail {
  readonly #limits: TailLimits;
  readonly #allWatchers = new Set<Wakeup>();
  readonly #streamWatchers = new Map<string, Set<Wakeup>>();
  #events: StoredEvent[] = [];
  #first = 0;
  #bytes = 0;
  /** The tail holds every committed event after this position. */
  #completeAfter: number;

  constructor(lastPosition: number, limits: TailLimits) {
    this.#completeAfter = lastPosition;
    this.#limits = limits;
  }

  /** Adds what was committed, in order. */
  push(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.#events.push(event);
      this.#bytes += event.value.length;
    }
    while (this.#events.length - this.#first > this.#limits.events || this.#bytes > this.#limits.bytes) {
      this.#dropFirst();
    }
    // Dropped entries are cut off in bulk, so that each costs nothing.
    if (this.#first > 1024 && this.#first * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Wakes the readers of `$all` and of the streams named. */
  announce(streams: Iterable<string>): void {
    for (const watcher of this.#allWatchers) watcher.wake();
    if (this.#streamWatchers.size === 0) return;
    for (const stream of streams) {
      for (const watcher of this.#streamWatchers.get(stream) ?? []) watcher.wake();
    }
  }

  /** Events after `position`, or undefined when the tail does not reach back that far. */
  after(position: number, count: number): StoredEvent[] | undefined {
    if (position < this.#completeAfter) return undefined;
    const from = this.#indexAfter(position);
    return this.#events.slice(from, from + count);
  }

  /** Calls `wakeup` for every commit, or for commits to one stream only. Answers how to stop. */
  watch(wakeup: Wakeup, stream?: string): () => void {
    if (stream === undefined) {
      this.#allWatchers.add(wakeup);
      return () => this.#allWatchers.delete(wakeup);
    }
    const watchers = this.#streamWatchers.get(stream) ?? new Set();
    this.#streamWatchers.set(stream, watchers.add(wakeup));
    return () => {
      watchers.delete(wakeup);
      if (watchers.size === 0) this.#streamWatchers.delete(stream);
    };
  }

  #dropFirst(): void {
    const dropped = this.#events[this.#first];
    if (!dropped) throw new Error('The tail has no event to drop.');
    this.#completeAfter = dropped.position;
    this.#bytes -= dropped.value.length;
    // The slot is emptied, or the buffer would live until the next bulk cut.
    this.#events[this.#first] = { position: dropped.position, value: EMPTY };
    this.#first += 1;
  }

  #indexAfter(position: number): number {
    let low = this.#first;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.position ?? Infinity) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const EMPTY = Buffer.alloc(0);
