/**
 * Folds the bulk of the log into the memory of rows, and writes it in big steps: while the database writes one, the next
 * events are folded.
 *
 * @module
 */
import type { EventStore } from '@perennial/event-store';
import type { HeldStream } from '../projection/fold-stream.ts';
import type { LogItem } from '../projection/log-item.ts';
import type { OpenSet } from '../set/apply-batch.ts';
import { moveCheckpoint, type Checkpoint } from '../set/checkpoint.ts';
import { foldInto } from '../set/prepare-batch.ts';
import { RowMemory, type ChangedRows, type MemoryBounds } from '../set/row-memory.ts';
import { countFolded } from '../set/version-set.ts';
import { writeRowsInBulk } from '../set/write-rows-in-bulk.ts';
import type { ProjectionMetrics } from './metrics.ts';

/** What filling a set needs. */
export type SetFillerOptions = {
  readonly set: OpenSet;
  readonly store: Pick<EventStore, 'readStream'>;
  readonly logId: string;
  readonly metrics: ProjectionMetrics;
  /** Called before what holds streams is committed. */
  readonly onHeld: (held: HeldStream) => Promise<void>;
  readonly bounds: MemoryBounds;
};

/**
 * Rows that are worth writing while the next events are folded. More of them would be waited for at the end of the log, fewer
 * would write those that change all the time too often.
 */
const stepRowCountMin = 8_000;
/** A step is at least such a part of what was written before, so that long logs write such rows no oftener. */
const stepPart = 1 / 8;

type Step = { readonly changed: readonly ChangedRows[]; readonly held: readonly HeldStream[]; readonly to: Checkpoint };

/**
 * See the module's description. After a failure the memory is ahead of the tables: begin anew, with another filler, behind
 * the checkpoint in the database.
 */
export class SetFiller {
  readonly #options: SetFillerOptions;
  readonly #memory: RowMemory;
  #folded: Checkpoint;
  #written: Checkpoint;
  #eventCount = 0;
  #held: HeldStream[] = [];
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #writtenRowCount = 0;

  constructor(options: SetFillerOptions, checkpoint: Checkpoint) {
    this.#options = options;
    this.#memory = new RowMemory(options.bounds);
    this.#folded = checkpoint;
    this.#written = checkpoint;
  }

  /** Everything up to here was folded; written or about to be. */
  get position(): bigint {
    return this.#folded.position;
  }

  /** Folds the next events of the log, in order; waits for the database only when the memory is full. */
  async fold(items: readonly LogItem[]): Promise<void> {
    const last = items.at(-1);
    if (last === undefined) return;
    const { set, store, logId, metrics } = this.#options;
    const { sql, schema, projections } = set;
    this.#memory.expect(items);
    const rows = { loaded: this.#memory, rows: this.#memory };
    const { held } = await foldInto({ query: sql.query, schema, projections, store }, items, rows);
    this.#held.push(...held);
    this.#folded = { ...this.#folded, position: last.event.position, logId };
    this.#eventCount += items.length;
    metrics.count('projection_events_total', {}, items.length);
    if (this.#memory.isHalfFull || this.#isWorthWriting()) await this.#beginWriting();
  }

  /** Writes what is left. */
  async finish(): Promise<void> {
    if (this.#folded.position > this.#written.position) await this.#beginWriting();
    await this.#writing;
  }

  /** Whether the database has nothing to do and there is enough for it. */
  #isWorthWriting(): boolean {
    return !this.#isWriting && this.#memory.changedCount >= Math.max(stepRowCountMin, this.#writtenRowCount * stepPart);
  }

  async #beginWriting(): Promise<void> {
    // One step at a time: what is being written and what is changed meanwhile is all that memory has to hold.
    await this.#writing;
    this.#memory.forgetOldest();
    this.#writtenRowCount += this.#memory.changedCount;
    const step = { changed: this.#memory.takeChanged(), held: this.#held, to: this.#folded };
    const eventCount = this.#eventCount;
    this.#held = [];
    this.#eventCount = 0;
    this.#isWriting = true;
    this.#writing = this.#write(step, eventCount).finally(() => (this.#isWriting = false));
    // A failure is met by whoever waits for this step.
    this.#writing.catch(() => undefined);
  }

  async #write({ changed, held, to }: Step, eventCount: number): Promise<void> {
    const { set, metrics, onHeld } = this.#options;
    const { sql, schema } = set;
    const began = performance.now();
    for (const one of held) await onHeld(one);
    await sql.tx(async (query, copy) => {
      // What a crash of the database takes is folded again: rows and checkpoint go together.
      await query('set local synchronous_commit to off');
      await moveCheckpoint(query, set, this.#written, to);
      for (const rows of changed) await writeRowsInBulk(query, copy, schema, rows);
      await countFolded(query, schema, eventCount);
    });
    this.#written = to;
    metrics.count('projection_batches_total');
    if (held.length > 0) metrics.count('projection_streams_parked_total', {}, held.length);
    metrics.observe('projection_batch_seconds', (performance.now() - began) / 1000);
  }
}
