import { randomUUID } from 'node:crypto';
import { decideWrite, expectedRevisionOf, type Decision, type Expectation } from '../engine/expected-revision.ts';
import type { ProposedEvent } from '../engine/proposed-event.ts';
import { RecentIds } from '../engine/recent-ids.ts';
import { NO_EVENTS, TOMBSTONE_REVISION } from '../engine/revisions.ts';
import { NO_METADATA, parseMetadata, SOFT_DELETE_JSON, undeleteJson } from '../engine/stream-metadata.ts';
import { metastreamOf, originalOf } from '../engine/stream-names.ts';
import { GroupCommit } from './group-commit.ts';
import type { LmdbStore, NewEntry } from './lmdb-store.ts';
import { dataOf, encodeRecord, idOf } from './record.ts';
import { factsOf, headOf, StreamCache, type Head, type StreamState } from './stream-cache.ts';
import { Tail } from './tail.ts';

/** Bounds of the log's memory. */
export interface EventLogLimits {
  /** Streams whose end is kept in memory. */
  streamsCachedMax: number;
  /** Ids known to weak idempotency. */
  recentIdsMax: number;
  tailEventsMax: number;
  tailBytesMax: number;
}

/** Suits a machine that runs everything. */
export const DEFAULT_LIMITS: EventLogLimits = {
  streamsCachedMax: 20_000,
  recentIdsMax: 40_000,
  tailEventsMax: 20_000,
  tailBytesMax: 16 * 1024 * 1024,
};

/** How a write ended. `revision` and `position` are those of its last event; without events there is no position. */
export type WriteOutcome =
  | { kind: 'written'; revision: number; position?: number }
  | { kind: 'wrongExpectedVersion'; actual: number }
  | { kind: 'streamDeleted' };

interface LogEntry extends NewEntry {
  head: Head;
}

/** A write to one stream. */
export interface WriteRequest {
  stream: string;
  expectation: Expectation;
}

/**
 * The write side of the log. Requests are judged one after the other against the ends of streams in memory, then
 * committed together; no outcome is reported, not even a refusal, that rests on a write which is not durable yet.
 */
export class EventLog {
  readonly store: LmdbStore;
  readonly tail: Tail;
  readonly #streams: StreamCache;
  readonly #recentIds: RecentIds;
  readonly #commits: GroupCommit<LogEntry>;
  readonly #now: () => number;
  #end: number;
  #lastStreamId: number;
  #lastPosition: number;

  constructor(
    store: LmdbStore,
    options: { limits: EventLogLimits; now: () => number; onCommitFailed: (e: unknown) => void },
  ) {
    const { limits, now, onCommitFailed } = options;
    this.store = store;
    this.#end = store.end;
    this.#lastStreamId = store.lastStreamId;
    this.#lastPosition = store.logBefore(store.end, { events: 1, bytes: 1 })[0]?.position ?? 0;
    this.#now = now;
    this.tail = new Tail(this.#lastPosition, { events: limits.tailEventsMax, bytes: limits.tailBytesMax });
    this.#streams = new StreamCache(store, limits.streamsCachedMax);
    this.#recentIds = new RecentIds(limits.recentIdsMax);
    this.#commits = new GroupCommit({
      commit: (entries) => store.commit(entries),
      committed: (entries) => this.#committed(entries),
      failed: onCommitFailed,
    });
  }

  /** Position of the last durable event; 0 when there is none. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  now(): number {
    return this.#now();
  }

  /** What is durable of a stream (for a metastream: of it and its original). */
  durableState(stream: string): StreamState {
    return this.#streams.durable(originalOf(stream) ?? stream);
  }

  /** Appends events to a stream; resolves when they are durable. */
  async append(request: WriteRequest & { events: readonly ProposedEvent[] }): Promise<WriteOutcome> {
    if (this.#mustWait(request)) await this.#untilDurable(request);
    return this.#append(request);
  }

  /** Soft-deletes a stream: its events become unreadable, its numbering goes on. */
  async delete(request: WriteRequest): Promise<WriteOutcome> {
    if (this.#mustWait(request)) await this.#untilDurable(request);
    const { decision, state, head } = this.#judge(request, [randomUUID()]);
    if (decision.kind !== 'write') return this.#answer(decision, head);
    const exists = head.lastRevision !== NO_EVENTS || factsOf(state, head).hasMetadata;
    if (!exists) return this.#answer({ kind: 'wrongExpectedVersion' }, head);
    // The metadata of a metastream goes to an ordinary stream and has no effect.
    if (head === state.metastream) {
      const metastream = this.#streams.get(metastreamOf(request.stream)).events;
      return this.#commit([this.#entry(metastream, metadataEvent(SOFT_DELETE_JSON))]);
    }
    const event = metadataEvent(SOFT_DELETE_JSON);
    state.metadata = parseMetadata(event.data);
    return this.#commit([this.#entry(state.metastream, event)]);
  }

  /** Ends a stream for good. */
  async tombstone(request: WriteRequest): Promise<WriteOutcome> {
    if (this.#mustWait(request)) await this.#untilDurable(request);
    const { decision, head } = this.#judge(request, [randomUUID()]);
    if (decision.kind !== 'write') return this.#answer(decision, head);
    const event: ProposedEvent = { ...metadataEvent(''), type: '$streamDeleted', isJson: false };
    head.lastRevision = TOMBSTONE_REVISION - 1;
    return this.#commit([this.#entry(head, event)]);
  }

  /** Waits for everything accepted to be durable, then closes the data file. */
  async close(): Promise<void> {
    await this.#commits.barrier();
    await this.store.close();
  }

  /**
   * A possible retry is compared with stored events, and a revived stream keeps its stored metadata; so those must be
   * stored first. Asked without awaiting anything: between this, the judgement and the write nobody else may write.
   */
  #mustWait({ stream, expectation }: WriteRequest): boolean {
    const state = this.#state(stream);
    const head = headOf(state, stream);
    const mayBeRetry =
      head.pending > 0 &&
      (expectation.kind === 'noStream' || expectation.kind === 'revision') &&
      expectedRevisionOf(expectation) < head.lastRevision;
    return mayBeRetry || this.#metadataPending(stream);
  }

  /** What a retry may repeat is durable after one flush; others may have changed the metadata again meanwhile. */
  async #untilDurable({ stream }: WriteRequest): Promise<void> {
    do await this.#commits.barrier();
    while (this.#metadataPending(stream));
  }

  #metadataPending(stream: string): boolean {
    const { metadata, metastream } = this.#state(stream);
    return metadata.softDeleted && metastream.pending > 0;
  }

  #judge({ stream, expectation }: WriteRequest, ids: readonly string[]) {
    const state = this.#state(stream);
    const head = headOf(state, stream);
    const decision = decideWrite(expectation, ids, factsOf(state, head), {
      recent: (id) => this.#recentIds.find(id, stream),
      at: (revision) => this.#storedAt(head, revision),
    });
    return { decision, state, head };
  }

  /** The outcome of a write that writes nothing. */
  async #answer(decision: Exclude<Decision, { kind: 'write' }>, head: Head): Promise<WriteOutcome> {
    const actual = head.lastRevision;
    await this.#commits.barrier();
    if (decision.kind === 'alreadyWritten') return { ...decision, kind: 'written' };
    return decision.kind === 'streamDeleted' ? decision : { kind: 'wrongExpectedVersion', actual };
  }

  async #append(request: WriteRequest & { events: readonly ProposedEvent[] }): Promise<WriteOutcome> {
    const { stream, events } = request;
    const ids = events.map((event) => event.id);
    const { decision, state, head } = this.#judge(request, ids);
    if (decision.kind !== 'write') return this.#answer(decision, head);
    const first = head.lastRevision + 1;
    if (events.length === 0) {
      await this.#commits.barrier();
      return { kind: 'written', revision: first - 1 };
    }
    const entries = events.map((event) => this.#entry(head, event));
    for (const [index, { revision, position }] of entries.entries()) {
      this.#recentIds.add(ids[index] ?? '', stream, revision, position);
    }
    const follow = this.#metadataFollowingFrom(state, head, events, decision.undelete ? first : undefined);
    return this.#commit(entries, follow);
  }

  /** The metadata event that the server itself adds to a write that revives a soft-deleted stream. */
  #metadataFollowingFrom(
    state: StreamState,
    head: Head,
    events: readonly ProposedEvent[],
    revivedFrom: number | undefined,
  ): LogEntry[] {
    if (head === state.metastream) {
      const last = events.at(-1);
      const wasDeleted = state.metadata.softDeleted;
      state.metadata = last?.isJson ? parseMetadata(last.data) : NO_METADATA;
      return wasDeleted ? [this.#undelete(state, last?.data, state.events.lastRevision + 1)] : [];
    }
    return revivedFrom === undefined ? [] : [this.#undelete(state, this.#metadataOf(state), revivedFrom)];
  }

  #state(stream: string): StreamState {
    return this.#streams.get(originalOf(stream) ?? stream);
  }

  #storedAt(head: Head, revision: number): { id: string; position: number } | undefined {
    if (head.streamId === 0) return undefined;
    const position = this.store.positionOf(head.streamId, revision);
    const value = position === undefined ? undefined : this.store.event(position);
    return position === undefined || !value ? undefined : { id: idOf(value), position };
  }

  #entry(head: Head, event: ProposedEvent): LogEntry {
    const revision = head.lastRevision + 1;
    const position = this.#end;
    const value = encodeRecord({ ...event, stream: head.name, revision, position, createdMs: this.#now() });
    const isNew = head.streamId === 0;
    if (isNew) head.streamId = this.#lastStreamId += 1;
    head.lastRevision = revision;
    this.#end += value.length;
    const entry: LogEntry = { position, streamId: head.streamId, revision, value, head };
    if (isNew) entry.newStream = head.name;
    return entry;
  }

  #undelete(state: StreamState, data: Uint8Array | undefined, revision: number): LogEntry {
    const event = metadataEvent(undeleteJson(data, revision));
    state.metadata = parseMetadata(event.data);
    return this.#entry(state.metastream, event);
  }

  /** The metadata's stored form. It is stored: see `#mustWait`. */
  #metadataOf({ metastream }: StreamState): Buffer | undefined {
    const position = this.store.positionOf(metastream.streamId, metastream.lastRevision);
    const value = position === undefined ? undefined : this.store.event(position);
    return value && dataOf(value);
  }

  async #commit(entries: readonly LogEntry[], follow: readonly LogEntry[] = []): Promise<WriteOutcome> {
    const last = entries.at(-1);
    if (!last) throw new Error('A write without events is no commit.');
    const all = [...entries, ...follow];
    for (const { head } of all) head.pending += 1;
    await this.#commits.add(all);
    return { kind: 'written', revision: last.revision, position: last.position };
  }

  #committed(entries: readonly LogEntry[]): void {
    const streams = new Set<string>();
    for (const { head } of entries) {
      head.pending -= 1;
      streams.add(head.name);
    }
    this.#lastPosition = entries.at(-1)?.position ?? this.#lastPosition;
    this.tail.push(entries);
    this.tail.announce(streams);
  }
}

function metadataEvent(json: string): ProposedEvent {
  const data = Buffer.from(json);
  return { id: randomUUID(), type: '$metadata', isJson: true, data, customMetadata: new Uint8Array(0) };
}
