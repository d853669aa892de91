/**
 * The second level of the cache: folded streams on disk, so that a cold subscription does not cost a stream read. A stream
 * is kept as its events since the last snapshot, and a snapshot in parts of which only those that changed are written.
 * Throw-away: what is missing, damaged or of another build is read from the log again.
 *
 * @module
 */
import { rmSync } from 'node:fs';
import { emptyHead, type EventStore, type RecordedEvent } from '@perennial/event-store';
import { foldEvents, type Aggregate } from '../command-handling/stream-handler.ts';
import { silentLogger, type Logger } from '../role/logger.ts';
import { noMetrics, type Metrics } from '../role/metrics.ts';
import { failureCode, failureMessage } from '../retry/classify-failure.ts';
import { prepareCacheDirectory, type CacheDirectory } from './cache-directory.ts';
import {
  eventRecord,
  openRecord,
  openRecords,
  recordedEvent,
  recordKinds,
  sealRecord,
  type RecordDatabase,
} from './cache-records.ts';
import { codeDigest } from './code-digest.ts';
import { readSnapshot, SnapshotWriter, type KeptParts } from './snapshots.ts';
import { createLruCache, type CachedState, type StateCache } from './state-cache.ts';
import type { StatePartsCodec } from './subscription-parts.ts';

/** Options of {@link openDiskStateCache}. */
export type DiskStateCacheOptions<State> = {
  /** A directory of its own, one per process; made when absent, emptied when it cannot be trusted. */
  readonly directory: string;
  readonly store: Pick<EventStore, 'readStream'>;
  readonly aggregate: Aggregate<State>;
  readonly codec: StatePartsCodec<State>;
  readonly log?: Logger;
  readonly metrics?: Metrics;
  /** Streams kept in memory; default 20 000. */
  readonly cacheEntryCountMax?: number;
  /** Bytes on disk; beyond it all is dropped and gathers again. Default 1 GiB. */
  readonly diskBytesMax?: number;
};

/** A cache in two levels. */
export type DiskStateCache<State> = StateCache<State> & { close(): Promise<void> };

/**
 * Opens the cache. What it holds is only trusted when its newest event is in the log: a log that was put back to an earlier
 * state must not meet states of its own future.
 */
export async function openDiskStateCache<State>(options: DiskStateCacheOptions<State>): Promise<DiskStateCache<State>> {
  const diskBytesMax = options.diskBytesMax ?? 1024 ** 3;
  const { directory, records } = openDirectory(options.directory, 4 * diskBytesMax);
  const cache = new TwoLevels({ ...options, diskBytesMax }, records);
  await cache.compareWithLog();
  return {
    get: (stream) => cache.get(stream),
    set: (stream, cached, since) => cache.set(stream, cached, since),
    delete: (stream) => cache.delete(stream),
    close: async () => {
      await cache.close();
      directory.closed();
    },
  };
}

function openDirectory(
  parent: string,
  mapSizeBytes: number,
): { readonly directory: CacheDirectory; readonly records: RecordDatabase } {
  const digest = codeDigest();
  const directory = prepareCacheDirectory(parent, digest);
  try {
    return { directory, records: openRecords(directory.path, mapSizeBytes) };
  } catch {
    // Not a database any more. Another one costs a read of each stream.
    rmSync(parent, { recursive: true, force: true });
    const emptied = prepareCacheDirectory(parent, digest);
    return { directory: emptied, records: openRecords(emptied.path, mapSizeBytes) };
  }
}

/** What is on disk of a cached state. */
type Kept = {
  /** The parts of the last snapshot; absent when there is none yet. */
  readonly parts: KeptParts | undefined;
  /** Events behind the last snapshot. */
  readonly eventCount: number;
  /** Of another generation: dropped since. */
  readonly generation: number;
};

type Newest = { readonly stream: string; readonly revision: number; readonly hash: string };

/** Longer keys are not allowed by LMDB; such a stream is kept in memory only. */
const streamLengthMax = 400;
/** Writes between two looks at the size. */
const sizeCheckEvery = 256;
const newestKey = ['', 0];

class TwoLevels<State> {
  readonly #options: DiskStateCacheOptions<State>;
  readonly #memory: StateCache<State>;
  readonly #records: RecordDatabase;
  readonly #snapshots: SnapshotWriter<State>;
  readonly #kept = new WeakMap<CachedState<State>, Kept>();
  readonly #log: Logger;
  readonly #diskBytesMax: number;
  #generation = 0;
  #writeCount = 0;
  #newestPosition = -1n;
  #newest: Newest | undefined;
  #isUsable = true;

  constructor(options: DiskStateCacheOptions<State> & { readonly diskBytesMax: number }, records: RecordDatabase) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#diskBytesMax = options.diskBytesMax;
    this.#memory = createLruCache({ cacheEntryCountMax: options.cacheEntryCountMax ?? 20_000 });
    this.#records = records;
    this.#snapshots = new SnapshotWriter(records, options.codec);
  }

  async compareWithLog(): Promise<void> {
    // What was read is judged by its checksum and compared with the log.
    const newest = openRecord(this.#records.get(newestKey)) as Newest | undefined;
    if (newest !== undefined && (await this.#isInLog(newest))) return;
    await this.#records.clearAsync();
  }

  async #isInLog({ stream, revision, hash }: Newest): Promise<boolean> {
    try {
      for await (const event of this.#options.store.readStream(stream, { fromRevision: revision, maxCount: 1 })) {
        return event.metadata.hash === hash;
      }
    } catch (error) {
      this.#log.warn({ code: failureCode(error) }, `state cache: begun anew: ${failureMessage(error)}`);
    }
    return false;
  }

  get(stream: string): CachedState<State> | undefined {
    const cached = this.#memory.get(stream);
    if (cached !== undefined || !this.#isKeepable(stream)) return cached;
    const { metrics = noMetrics } = this.#options;
    const found = this.#guarded(() => this.#read(stream));
    metrics.count('state_cache_disk_total', { result: found === undefined ? 'miss' : 'hit' });
    if (found === undefined) return undefined;
    this.#memory.set(stream, found.cached);
    this.#kept.set(found.cached, found.kept);
    return found.cached;
  }

  set(stream: string, cached: CachedState<State>, since?: readonly RecordedEvent[]): void {
    const before = this.#memory.get(stream);
    this.#memory.set(stream, cached);
    if (this.#isKeepable(stream)) this.#guarded(() => this.#keep(stream, { before, cached, since }));
  }

  delete(stream: string): void {
    this.#memory.delete(stream);
    if (this.#isKeepable(stream)) this.#guarded(() => this.#remove(stream));
  }

  async close(): Promise<void> {
    await this.#snapshots.finished();
    this.#isUsable = false;
    await this.#records.close();
  }

  #isKeepable(stream: string): boolean {
    return this.#isUsable && stream.length <= streamLengthMax;
  }

  #keep(
    stream: string,
    {
      before,
      cached,
      since,
    }: {
      readonly before: CachedState<State> | undefined;
      readonly cached: CachedState<State>;
      readonly since: readonly RecordedEvent[] | undefined;
    },
  ): void {
    const generation = this.#generation;
    const known = before && this.#kept.get(before);
    const kept = known?.generation === generation ? known : undefined;
    const first = since?.[0]?.revision;
    const follows = first === 0 || (kept !== undefined && first !== undefined && before?.head.revision === first - 1);
    const eventCount = (first === 0 ? 0 : (kept?.eventCount ?? 0)) + (since?.length ?? 0);
    const isFew = eventCount <= this.#options.codec.snapshotEvery(cached.state);
    this.#noteNewest(stream, cached);
    if (since !== undefined && follows && (isFew || this.#snapshots.isWriting(stream))) {
      for (const event of since) this.#put([stream, recordKinds.event, event.revision], eventRecord(event));
      this.#kept.set(cached, { parts: first === 0 ? undefined : kept?.parts, eventCount, generation });
      return;
    }
    const parts = this.#snapshots.write(stream, cached, {
      previous: kept?.parts,
      isCurrent: () => this.#isUsable && this.#generation === generation,
      onFailure: (error) => this.#giveUp(error),
    });
    if (parts !== undefined) this.#kept.set(cached, { parts, eventCount: 0, generation });
  }

  #read(stream: string): { readonly cached: CachedState<State>; readonly kept: Kept } | undefined {
    const { aggregate, codec } = this.#options;
    const snapshot = readSnapshot(this.#records, codec, stream);
    if (snapshot === 'damaged') return this.#dropped(stream);
    const { state, head, position }: CachedState<State> = snapshot?.cached ?? {
      state: aggregate.initial,
      head: emptyHead(stream),
      position: undefined,
    };
    const events: RecordedEvent[] = [];
    let hash = head.hash;
    const start = [stream, recordKinds.event, head.revision + 1];
    for (const { key, value } of this.#records.getRange({ start, end: [stream, recordKinds.end, 0] })) {
      // Behind a gap stands what is not ours to use: the log is read from here.
      if (key[2] !== head.revision + 1 + events.length) break;
      const event = recordedEvent(stream, value);
      if (event === undefined || event.metadata.prevHash !== hash) return this.#dropped(stream);
      hash = event.metadata.hash;
      events.push(event);
    }
    const newest = events.at(-1);
    const cached = {
      state: foldEvents(aggregate, state, events),
      head: newest ? { revision: newest.revision, hash, recordedAt: newest.metadata.recordedAt } : head,
      position: newest?.position ?? position,
    };
    if (cached.position === undefined) return undefined;
    return { cached, kept: { parts: snapshot?.parts, eventCount: events.length, generation: this.#generation } };
  }

  #dropped(stream: string): undefined {
    this.#log.warn({ stream }, 'state cache: an entry was damaged; the stream is read again');
    this.#remove(stream);
    return undefined;
  }

  #remove(stream: string): void {
    const range = { start: [stream, recordKinds.snapshot, 0], end: [stream, recordKinds.end, 0] };
    for (const key of this.#records.getKeys(range)) this.#watch(this.#records.remove(key));
  }

  /** Which event proves, after a restart, that the log still holds everything that is kept here. */
  #noteNewest(stream: string, { head, position }: CachedState<State>): void {
    if (position === undefined || position <= this.#newestPosition) return;
    this.#newestPosition = position;
    const isFirst = this.#newest === undefined;
    this.#newest = { stream, revision: head.revision, hash: head.hash };
    // Once for all of this turn: LMDB commits what is put in one turn together.
    if (isFirst) queueMicrotask(() => this.#guarded(() => this.#putNewest()));
  }

  #putNewest(): void {
    if (this.#isUsable) this.#put(newestKey, this.#newest);
    this.#newest = undefined;
  }

  #put(key: (string | number)[], value: unknown): void {
    this.#watch(this.#records.put(key, sealRecord(value)));
    this.#writeCount += 1;
    if (this.#writeCount % sizeCheckEvery === 0 && this.#bytesUsed() > this.#diskBytesMax) this.#dropAll();
  }

  #bytesUsed(): number {
    // The library's types leave the statistics open; these are LMDB's own counts of pages.
    const stats = this.#records.getStats() as Readonly<Record<string, number>>;
    const { pageSize = 4_096, treeBranchPageCount = 0, treeLeafPageCount = 0, overflowPages = 0 } = stats;
    return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
  }

  #dropAll(): void {
    this.#log.info({ diskBytesMax: this.#diskBytesMax }, 'state cache: full; it is dropped and gathers again');
    this.#generation += 1;
    this.#newestPosition = -1n;
    this.#watch(this.#records.clearAsync());
  }

  #watch(written: Promise<unknown>): void {
    written.catch((error: unknown) => this.#giveUp(error));
  }

  /** Whatever a broken cache says must not reach a decision, nor keep one from being made. */
  #guarded<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      this.#giveUp(error);
      return undefined;
    }
  }

  #giveUp(error: unknown): void {
    if (!this.#isUsable) return;
    this.#isUsable = false;
    this.#log.warn({ code: failureCode(error) }, `state cache: not used any more: ${failureMessage(error)}`);
  }
}
