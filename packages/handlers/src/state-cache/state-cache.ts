import type { RecordedEvent, StreamHead } from '@perennial/event-store';

/** A folded stream and where it ended when it was folded. */
export type CachedState<State> = {
  readonly state: State;
  readonly head: StreamHead;
  /** Position of the last event folded; undefined while there is none. */
  readonly position: bigint | undefined;
};

/**
 * Folded streams by name. Only ever a shortcut: an append at the cached head is protected by its expected revision, and
 * an answer that appends nothing reads the tail first.
 */
export type StateCache<State> = {
  get(stream: string): CachedState<State> | undefined;
  /** `since`: the events that led from what was cached before to this; absent when they were too many to keep. */
  set(stream: string, cached: CachedState<State>, since?: readonly RecordedEvent[]): void;
  delete(stream: string): void;
};

/** Keeps the `cacheEntryCountMax` most recently used streams in memory. */
export function createLruCache<State>(options: { readonly cacheEntryCountMax: number }): StateCache<State> {
  // A Map iterates in order of insertion: re-inserting on use makes its first entry the least recently used one.
  const entries = new Map<string, CachedState<State>>();
  return {
    get(stream) {
      const cached = entries.get(stream);
      if (cached === undefined) return undefined;
      entries.delete(stream);
      entries.set(stream, cached);
      return cached;
    },
    set(stream, cached) {
      entries.delete(stream);
      entries.set(stream, cached);
      if (entries.size <= options.cacheEntryCountMax) return;
      const oldest = entries.keys().next();
      if (oldest.done !== true) entries.delete(oldest.value);
    },
    delete(stream) {
      entries.delete(stream);
    },
  };
}
