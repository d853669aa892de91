/**
 * Applies events to one version set, batch after batch, and keeps its checkpoint. What has to be retried, split or read
 * from the log is decided here; nothing outside needs to know.
 *
 * @module
 */
import type { EventStore } from '@perennial/event-store';
import type { HeldStream } from '../projection/fold-stream.ts';
import { byStream, type LogItem } from '../projection/log-item.ts';
import { applyBatch, type BatchOptions, type BatchOutcome, type OpenSet } from '../set/apply-batch.ts';
import { CheckpointMovedError, readCheckpoint, type Checkpoint } from '../set/checkpoint.ts';
import { readMissing } from '../set/prepare-batch.ts';
import type { MemoryBounds } from '../set/row-memory.ts';
import { isDataError } from '../sql/questions.ts';
import type { ProjectionMetrics } from './metrics.ts';
import { SetFiller } from './set-filler.ts';

/** What a writer needs beside its set. */
export type SetWriterOptions = {
  readonly set: OpenSet;
  readonly store: Pick<EventStore, 'readAll' | 'readStream'>;
  /** Which log the events are from. */
  readonly logId: string;
  readonly metrics: ProjectionMetrics;
  readonly batchCountMax: number;
  /** Called before a batch that holds streams is committed. */
  readonly onHeld: (held: HeldStream) => Promise<void>;
  /** Called after every commit. */
  readonly onCommit: (checkpoint: Checkpoint) => void;
};

/** How the log is caught up with. */
export type CatchUpOptions = {
  readonly signal?: AbortSignal;
  /** Beginnings of the names of streams that are wanted; default all. */
  readonly streamPrefixes?: readonly string[] | undefined;
};

/** Sooner at first: statements are planned once, and a plan for an empty table does not suit a full one. */
const tidyFirstAfterEventCount = 1_000;
const tidyAfterEventCountMax = 20_000;
const moveAttemptCountMax = 10;

/** See the module's description. */
export class SetWriter {
  readonly #options: SetWriterOptions;
  #checkpoint: Checkpoint;
  #eventsSinceTidying = 0;
  #tidyAfterEventCount = tidyFirstAfterEventCount;

  private constructor(options: SetWriterOptions, checkpoint: Checkpoint) {
    this.#options = options;
    this.#checkpoint = checkpoint;
  }

  /** Opens a writer where the set stands. */
  static async open(options: SetWriterOptions): Promise<SetWriter> {
    return new SetWriter(options, await readCheckpoint(options.set.sql.query, options.set.schema));
  }

  /** Begins to fill the set from where it stands; {@link reload} afterwards. */
  startFilling(bounds: MemoryBounds): SetFiller {
    return new SetFiller({ ...this.#options, bounds }, this.#checkpoint);
  }

  /** Looks where the set stands: somebody else wrote into it. */
  async reload(): Promise<void> {
    const { sql, schema } = this.#options.set;
    this.#checkpoint = await readCheckpoint(sql.query, schema);
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  /**
   * Applies events and moves the checkpoint behind the last of them; `place` says where in `EVENTS` they were.
   * What another process wrote meanwhile is skipped.
   * @throws CheckpointMovedError when the set was retired
   */
  async write(items: readonly LogItem[], place?: Partial<Checkpoint>): Promise<void> {
    const position = items.reduce((max, { event }) => (event.position > max ? event.position : max), -1n);
    const to = { ...this.#checkpoint, ...place, logId: this.#options.logId };
    await this.#apply(items, { ...to, position: position > to.position ? position : to.position });
  }

  /** Reads from the log what lies behind the watermark, before `end` if that is given; answers how many events. */
  async catchUpFromLog(end?: bigint, { signal, streamPrefixes }: CatchUpOptions = {}): Promise<number> {
    let count = 0;
    let batch: LogItem[] = [];
    for await (const item of this.#options.store.readAll({
      ...behind(this.#checkpoint.position),
      ...(streamPrefixes && { streamPrefixes }),
    })) {
      if (signal?.aborted || (end !== undefined && item.event.position >= end)) break;
      batch.push(item);
      if (batch.length < this.#options.batchCountMax) continue;
      await this.write(batch);
      count += batch.length;
      batch = [];
    }
    if (batch.length > 0) await this.write(batch);
    return count + batch.length;
  }

  /**
   * Applies again, from the log, the events of a stream that was held at `fromRevision`, up to the watermark. What still
   * cannot be handled holds it once more.
   */
  async release(stream: string, fromRevision: number): Promise<void> {
    const { set, store, batchCountMax } = this.#options;
    for (let from = fromRevision; ; from += batchCountMax) {
      const read = await readMissing(store, stream, { from, to: from + batchCountMax - 1 });
      const items = read.filter(({ event }) => event.position <= this.#checkpoint.position);
      const outcome = await applyBatch(set, items, this.#batch({ again: true }));
      if (items.length < batchCountMax || outcome.held.length > 0) return;
    }
  }

  async #apply(items: readonly LogItem[], to: Checkpoint): Promise<void> {
    const began = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#applyOnce(items, to);
        break;
      } catch (error) {
        if (!(error instanceof CheckpointMovedError) || attempt >= moveAttemptCountMax) throw error;
        await this.#followOther(error);
        // The other one has all of it.
        if (this.#checkpoint.position >= to.position) break;
      }
    }
    await this.#tidy(items.length);
    this.#options.metrics.observe('projection_batch_seconds', (performance.now() - began) / 1000);
    this.#options.onCommit(this.#checkpoint);
  }

  async #applyOnce(items: readonly LogItem[], to: Checkpoint): Promise<void> {
    try {
      this.#count(items, await applyBatch(this.#options.set, items, this.#batch({ to })));
    } catch (error) {
      if (!isDataError(error) || !(error instanceof Error)) throw error;
      await this.#applyApart(items, error);
      await applyBatch(this.#options.set, [], this.#batch({ to }));
    }
    this.#checkpoint = to;
  }

  /** Another process took events in: what it has is skipped here. A set that was retired is not followed any further. */
  async #followOther(moved: CheckpointMovedError): Promise<void> {
    const { sql, schema } = this.#options.set;
    const found = await readCheckpoint(sql.query, schema);
    if (found.position <= this.#checkpoint.position) throw moved;
    this.#checkpoint = found;
  }

  /** PGlite has no background workers: what PostgreSQL's autovacuum does is done here, now and then; it renews the plans. */
  async #tidy(eventCount: number): Promise<void> {
    const { sql, schema, projections } = this.#options.set;
    this.#eventsSinceTidying += eventCount;
    if (sql.kind !== 'pglite' || this.#eventsSinceTidying < this.#tidyAfterEventCount) return;
    this.#eventsSinceTidying = 0;
    this.#tidyAfterEventCount = Math.min(2 * this.#tidyAfterEventCount, tidyAfterEventCountMax);
    const tables = [...projections.map(({ table }) => table.name), 'checkpoint', 'feed_outbox'];
    await sql.query(`vacuum (analyze) ${tables.map((table) => `${schema}.${table}`).join(', ')}`);
  }

  /** The database refused something in a batch: every stream by itself, and only those that it still refuses are held. */
  async #applyApart(items: readonly LogItem[], refusal: Error): Promise<void> {
    const { set } = this.#options;
    for (const ofStream of byStream(items).values()) {
      try {
        this.#count(ofStream, await applyBatch(set, ofStream, this.#batch({})));
      } catch (error) {
        if (!isDataError(error)) throw error;
        this.#count(ofStream, await applyBatch(set, ofStream, this.#batch({ holdWith: refusal })));
      }
    }
  }

  #batch(change: Partial<BatchOptions>): BatchOptions {
    const { onHeld } = this.#options;
    return { from: this.#checkpoint, to: this.#checkpoint, onHeld, ...change };
  }

  #count(items: readonly LogItem[], outcome: BatchOutcome): void {
    const { metrics } = this.#options;
    metrics.count('projection_batches_total');
    metrics.count('projection_events_total', {}, items.length);
    if (outcome.seenEventCount > 0) metrics.count('projection_duplicates_total', {}, outcome.seenEventCount);
    if (outcome.held.length > 0) metrics.count('projection_streams_parked_total', {}, outcome.held.length);
    if (outcome.healedEventCount === 0) return;
    metrics.count('gaps_healed_total', { by: 'revision' });
    metrics.count('projection_events_healed_total', {}, outcome.healedEventCount);
  }
}

/** The log from behind a position on; -1 stands for its beginning. */
function behind(position: bigint): { readonly after?: bigint } {
  return position < 0n ? {} : { after: position };
}
