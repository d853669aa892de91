import { setTimeout as delay } from 'node:timers/promises';
import { reconcileFeed } from '../feed/reconcile.ts';
import { allProjections } from '../models/index.ts';
import { silentLogger, type ReadModelProgress, type Role } from '../ports.ts';
import { digestSet, type TableDigest } from '../set/digest.ts';
import { heldStreams, type HeldStreamRow } from '../set/held.ts';
import { activateVersionSet, ensureVersionSet, type VersionSet } from '../set/version-set.ts';
import { CheckpointMovedError } from '../set/checkpoint.ts';
import { migrate } from '../sql/migrate.ts';
import type { Projection } from '../projection/projection.ts';
import { DatabaseTooNewError } from '../errors.ts';
import { rebuildSet, verifySet, type Comparison, type LiveSet } from './build-beside.ts';
import { createExclusive } from './exclusive.ts';
import { followEvents } from './follow-events.ts';
import { assertLogHolds, ForeignLogError, readLogId } from './log-identity.ts';
import { noProjectionMetrics } from './metrics.ts';
import type { ProjectionsOptions } from './options.ts';
import { publishHeld } from './parking.ts';
import { Progress } from './progress.ts';
import { SetWriter, type SetWriterOptions } from './set-writer.ts';

/** The running projections. */
export type Projections = Role &
  ReadModelProgress & {
    /** Up to which position of the log the read models of this process are complete; -1 before the first event. */
    watermark(): bigint;
    /** Streams that wait behind an event that could not be handled. */
    held(limit?: number): Promise<readonly HeldStreamRow[]>;
    /** Tries the held streams again with the code that runs now; answers how many are held no longer. */
    retryHeld(): Promise<number>;
    /** Digests of the live tables. */
    digests(): Promise<readonly TableDigest[]>;
    /** Folds the log anew and compares every table; the live ones keep working. */
    verify(): Promise<Comparison>;
    /** Folds the log anew and lets the new tables take over; the old ones stay for going back. */
    rebuild(): Promise<Comparison>;
  };

const heldCountMax = 10_000;
const openPollMs = 20;

/**
 * Starts the projections: they follow `EVENTS` from the checkpoint in the database, heal what is missing there from the
 * log, and never stop for one bad event. One of them per database does the work; more than one stay correct.
 *
 * @example
 * const projections = startProjections({ sql, broker, store });
 * await projections.waitFor(position, 5_000);
 */
export function startProjections(options: ProjectionsOptions): Projections {
  return new ProjectionsRuntime(options);
}

class ProjectionsRuntime implements Projections {
  readonly name = 'projections';
  readonly stopped: Promise<void>;
  readonly #options: ProjectionsOptions;
  readonly #progress = new Progress();
  readonly #exclusively = createExclusive();
  readonly #stopping = new AbortController();
  #session = new AbortController();
  #live: LiveSet | undefined;
  #status: ReturnType<Role['status']> = { state: 'starting', detail: 'opening the read database' };

  constructor(options: ProjectionsOptions) {
    this.#options = options;
    this.stopped = this.#run();
    // Whoever awaits `stopped` sees the failure; until then it must not count as unhandled.
    this.stopped.catch(() => undefined);
  }

  status(): ReturnType<Role['status']> {
    return this.#status;
  }

  watermark(): bigint {
    return this.#progress.position;
  }

  waitFor(position: bigint, timeoutMs: number): Promise<void> {
    return this.#progress.waitFor(position, timeoutMs);
  }

  onProgress(listener: () => void): () => void {
    return this.#progress.onProgress(listener);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#session.abort();
    await this.stopped.catch(() => undefined);
  }

  async held(limit = 100): Promise<readonly HeldStreamRow[]> {
    const { set } = await this.#opened();
    return heldStreams(this.#options.sql.query, set.schema, this.#projections, limit);
  }

  async retryHeld(): Promise<number> {
    const live = await this.#opened();
    return this.#exclusively(() => this.#releaseAll(live));
  }

  async digests(): Promise<readonly TableDigest[]> {
    const { set } = await this.#opened();
    return digestSet(this.#options.sql.query, set.schema, this.#projections);
  }

  async verify(): Promise<Comparison> {
    return verifySet(this.#options, await this.#opened());
  }

  async rebuild(): Promise<Comparison> {
    const comparison = await rebuildSet(this.#options, await this.#opened());
    // The session follows the set that was live; the next one opens the new set.
    this.#live = undefined;
    this.#session.abort();
    return comparison;
  }

  get #projections(): readonly Projection[] {
    return this.#options.projections ?? allProjections;
  }

  async #opened(): Promise<LiveSet> {
    while (this.#live === undefined) {
      if (this.#stopping.signal.aborted) throw new Error('the projections are stopped');
      await delay(openPollMs);
    }
    return this.#live;
  }

  async #run(): Promise<void> {
    const { logger = silentLogger, metrics = noProjectionMetrics } = this.#options;
    const first = this.#options.backoffFirstMs ?? 50;
    let backoffMs = first;
    while (!this.#stopping.signal.aborted) {
      const positionBefore = this.#progress.position;
      try {
        await this.#openAndFollow();
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        if (isFatal(error)) return this.#fail(error);
        if (error instanceof CheckpointMovedError) continue;
        metrics.count('projection_retries_total');
        logger.warn({ err: error, backoffMs }, 'projections pause and try again');
        this.#status = { state: 'failing', detail: error instanceof Error ? error.message : String(error) };
        if (this.#progress.position > positionBefore) backoffMs = first;
        await delay(backoffMs * (0.5 + Math.random() / 2), undefined, { signal: this.#stopping.signal }).catch(
          () => undefined,
        );
        backoffMs = Math.min(backoffMs * 2, this.#options.backoffLastMs ?? 5_000);
      }
    }
    this.#live = undefined;
    this.#status = { state: 'stopped', detail: 'stopped' };
  }

  #fail(error: unknown): never {
    this.#status = { state: 'stopped', detail: error instanceof Error ? error.message : String(error) };
    throw error;
  }

  /** One session: opens the set of this release, brings it up to date, follows until something has to be opened anew. */
  async #openAndFollow(): Promise<void> {
    this.#session = new AbortController();
    const { sql, broker, store, logger = silentLogger, metrics = noProjectionMetrics } = this.#options;
    await migrate(sql);
    const set = await ensureVersionSet(sql, this.#projections);
    const logId = await readLogId(store);
    if (logId === undefined) throw new Error('the log has no LogCreated event yet');
    const live = await this.#openSet(set, logId);
    const { checkpoint } = live.writer;
    if (checkpoint.logId !== '' && checkpoint.logId !== logId)
      throw new ForeignLogError(foreignLog(checkpoint.logId, logId));
    await assertLogHolds(store, checkpoint.position);
    await this.#exclusively(() => this.#releaseAll(live));
    if (set.status === 'building') return this.#takeOver(live);
    this.#live = live;
    this.#progress.moveTo(checkpoint.position);
    this.#status = { state: 'running', detail: `following EVENTS into ${set.schema}` };
    await followEvents({
      broker,
      store,
      writer: live.writer,
      logId,
      logger,
      metrics,
      batchCountMax: this.#batchCountMax,
      lingerMs: this.#options.lingerMs ?? 20,
      idleCheckMs: this.#options.idleCheckMs ?? 2_000,
      signal: this.#session.signal,
      exclusively: this.#exclusively,
    });
  }

  get #batchCountMax(): number {
    return this.#options.batchCountMax ?? 500;
  }

  async #openSet(set: VersionSet, logId: string): Promise<LiveSet> {
    const { sql, broker, store, metrics = noProjectionMetrics } = this.#options;
    const active = set.status === 'active';
    const writerOptions: SetWriterOptions = {
      set: { sql, schema: set.schema, projections: this.#projections, store, feed: active },
      store,
      logId,
      metrics,
      batchCountMax: this.#batchCountMax,
      onHeld: (held) => publishHeld(broker, set.schema, held),
      onCommit: ({ position }) => {
        if (active) this.#progress.moveTo(position);
      },
    };
    return { set, writer: await SetWriter.open(writerOptions), writerOptions, exclusively: this.#exclusively };
  }

  /** A new release: its tables are filled from the log while reads still use the old ones, then they take over. */
  async #takeOver({ set, writer }: LiveSet): Promise<void> {
    const { sql, logger = silentLogger } = this.#options;
    this.#status = { state: 'starting', detail: `building ${set.schema} from the log` };
    const count = await writer.catchUpFromLog(undefined, this.#session.signal);
    if (this.#session.signal.aborted) return;
    await reconcileFeed(sql.query, set.schema);
    await activateVersionSet(sql, set.setId);
    logger.info({ count, schema: set.schema }, 'a new version set was built from the log and took over');
  }

  async #releaseAll({ set, writer }: LiveSet): Promise<number> {
    const { query } = this.#options.sql;
    const before = await heldStreams(query, set.schema, this.#projections, heldCountMax);
    for (const held of before) await writer.release(held.stream, held.revision + 1);
    const after = before.length === 0 ? [] : await heldStreams(query, set.schema, this.#projections, heldCountMax);
    return before.length - after.length;
  }
}

/** Trying again cannot help. */
function isFatal(error: unknown): boolean {
  return error instanceof ForeignLogError || error instanceof DatabaseTooNewError;
}

function foreignLog(found: string, actual: string): string {
  return (
    `The read models were built from log ${found}, and the event store holds log ${actual}; ` +
    'correct DATABASE_URL or EVENTSTORE_URL, or drop the schemas perennial and perennial_set_*.'
  );
}
