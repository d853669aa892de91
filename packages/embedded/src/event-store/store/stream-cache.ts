import type { StreamFacts } from '../engine/expected-revision.ts';
import { NO_EVENTS, TOMBSTONE_REVISION } from '../engine/revisions.ts';
import { NO_METADATA, parseMetadata, type StreamMetadata } from '../engine/stream-metadata.ts';
import { metastreamOf } from '../engine/stream-names.ts';
import type { LmdbStore } from './lmdb-store.ts';
import { dataOf, isJson } from './record.ts';

/** The end of one stream. `streamId` 0: it has never been written to. */
export interface Head {
  readonly name: string;
  streamId: number;
  lastRevision: number;
  /** Writes accepted and not yet durable. */
  pending: number;
}

/** A stream together with its metastream: one is never judged without the other. */
export interface StreamState {
  readonly events: Head;
  readonly metastream: Head;
  metadata: StreamMetadata;
}

/**
 * The ends of the streams used last, not yet durable writes included. Bounded: what is not in use is forgotten and
 * read again from the data file.
 */
export class StreamCache {
  readonly #store: LmdbStore;
  readonly #capacity: number;
  readonly #states = new Map<string, StreamState>();

  constructor(store: LmdbStore, capacity: number) {
    this.#store = store;
    this.#capacity = capacity;
  }

  /** The state of a stream that is not itself a metastream. */
  get(name: string): StreamState {
    const cached = this.#states.get(name);
    if (cached) {
      // Map order is order of insertion, so this makes it the youngest.
      this.#states.delete(name);
      this.#states.set(name, cached);
      return cached;
    }
    const state = this.#load(name);
    this.#states.set(name, state);
    if (this.#states.size > this.#capacity) this.#evict();
    return state;
  }

  /** What is stored of a stream, without writes that are still pending. */
  durable(name: string): StreamState {
    const state = this.get(name);
    return state.events.pending + state.metastream.pending === 0 ? state : this.#load(name);
  }

  #load(name: string): StreamState {
    const events = this.#head(name);
    const metastream = this.#head(metastreamOf(name));
    return { events, metastream, metadata: this.#metadata(metastream) };
  }

  #head(name: string): Head {
    const streamId = this.#store.streamId(name) ?? 0;
    const last = streamId === 0 ? undefined : this.#store.lastEvent(streamId);
    return { name, streamId, lastRevision: last?.revision ?? NO_EVENTS, pending: 0 };
  }

  #metadata(metastream: Head): StreamMetadata {
    if (metastream.lastRevision === NO_EVENTS) return NO_METADATA;
    const position = this.#store.positionOf(metastream.streamId, metastream.lastRevision);
    const value = position === undefined ? undefined : this.#store.event(position);
    return value && isJson(value) ? parseMetadata(dataOf(value)) : NO_METADATA;
  }

  /** Forgets the oldest states that no write is pending for; their number is bounded by the writers. */
  #evict(): void {
    for (const [name, { events, metastream }] of this.#states) {
      if (this.#states.size <= this.#capacity) return;
      if (events.pending === 0 && metastream.pending === 0) this.#states.delete(name);
    }
  }
}

/** The end of the stream itself, which is the metastream's when `stream` names that. */
export function headOf(state: StreamState, stream: string): Head {
  return stream === state.events.name ? state.events : state.metastream;
}

/** What the rules ask about a stream. A metastream ends with its stream and is never soft-deleted itself. */
export function factsOf(state: StreamState, head: Head): StreamFacts {
  const isMetastream = head === state.metastream;
  return {
    lastRevision: head.lastRevision,
    tombstoned: [head, state.events].some(({ lastRevision }) => lastRevision === TOMBSTONE_REVISION),
    softDeleted: !isMetastream && state.metadata.softDeleted,
    hasMetadata: !isMetastream && state.metastream.lastRevision !== NO_EVENTS,
  };
}
