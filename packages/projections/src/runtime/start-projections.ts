import { setTimeout as delay } from 'node:timers/promises';
import { allProjections } from '../models/index.ts';
import { silentLogger, type Role } from '../ports.ts';
import type { Projection } from '../projection/projection.ts';
import { digestSet, type TableDigest } from '../set/digest.ts';
import { heldStreams, type HeldStreamRow } from '../set/held.ts';
import { projectionsWithin, unreadableBecause } from '../set/readable-set.ts';
import {
  dropVersionSet,
  ensureVersionSets,
  isOwnSet,
  markMixed,
  type SetsOfRelease,
  type VersionSet,
} from '../set/version-set.ts';
import { migrate } from '../sql/migrate.ts';
import type { Comparison } from './compare-sets.ts';
import { assertLogHolds, readLogId } from './log-identity.ts';
import { openFilled } from './open-filled.ts';
import { followInto, openSet, releaseHeld, type OpenedSet } from './opened-set.ts';
import { fillBoundsOf, type ProjectionsOptions } from './options.ts';
import { Progress } from './progress.ts';
import { beginRebuildOf, foldedIn } from './begin-rebuild.ts';
import type { Projections, RebuildBegun, RebuildOptions } from './projections.ts';
import { RebuildWaiters } from './rebuild-waiters.ts';
import { retrying, untilAborted } from './retrying.ts';
import { foreignLogError, isFatal, mustEndSession, mustReopen } from './session-faults.ts';
import { SetBuild, SetNotReadyError, switchTo } from './set-build.ts';
import { reportSets, type SetReport } from './set-report.ts';
import { verifySet } from './verify-set.ts';

const openPollMs = 20;
const reopenPauseMs = 50;

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
  readonly #projections: readonly Projection[];
  readonly #progress = new Progress();
  readonly #stopping = new AbortController();
  readonly #waiting = new RebuildWaiters();
  /** Lasts as long as the sets stay what they are; whoever changes them aborts it. */
  #session = new AbortController();
  #live: OpenedSet | undefined;
  #build: SetBuild | undefined;
  #kept: OpenedSet | undefined;
  #verifying: Promise<unknown> = Promise.resolve();
  #verifyingNext: Promise<Comparison> | undefined;
  #status: ReturnType<Role['status']> = { state: 'starting', detail: 'opening the read database' };

  constructor(options: ProjectionsOptions) {
    this.#options = options;
    this.#projections = options.projections ?? allProjections;
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
    await this.#verifying.catch(() => undefined);
  }

  async held(limit = 100): Promise<readonly HeldStreamRow[]> {
    const { set, projections } = await this.#opened();
    return heldStreams(this.#options.sql.query, set.schema, projections, limit);
  }

  async retryHeld(): Promise<number> {
    const live = await this.#opened();
    return live.exclusively(() => releaseHeld(this.#options.sql, live));
  }

  async digests(): Promise<readonly TableDigest[]> {
    const { set, projections } = await this.#opened();
    return (await digestSet(this.#options.sql, set.schema, projections)).tables;
  }

  async sets(): Promise<readonly SetReport[]> {
    const { sql, store } = this.#options;
    const end = (await store.lastPosition()) ?? -1n;
    return reportSets(sql, end, { live: this.#live, build: this.#build, kept: this.#kept, status: this.#status });
  }

  /** One at a time; whoever asks while one runs shares the next one. */
  verify(): Promise<Comparison> {
    this.#verifyingNext ??= this.#verifying.then(() => {
      this.#verifyingNext = undefined;
      const verifying = this.#verify();
      this.#verifying = verifying.catch(() => undefined);
      return verifying;
    });
    return this.#verifyingNext;
  }

  async startRebuild(options: RebuildOptions = {}): Promise<RebuildBegun> {
    const { set, isNew } = await this.#begin(options);
    return { set: set.schema, isNew, folded: foldedIn(set, this.#projections) };
  }

  async rebuild(options: Pick<RebuildOptions, 'only'> = {}): Promise<Comparison> {
    const { set } = await this.#begin(options);
    const tookOver = this.#waiting.wait(set.setId);
    // It may have been that fast, or its set may have been there and taken over meanwhile.
    if (this.#stopping.signal.aborted) this.#waiting.giveUp();
    return tookOver;
  }

  async switchOver(): Promise<Comparison> {
    await this.#opened();
    if (this.#build === undefined) {
      throw new SetNotReadyError('No set is being built; begin with projection rebuild.');
    }
    return this.#build.switchOver();
  }

  async switchBack(): Promise<{ readonly set: string }> {
    const live = await this.#opened();
    const kept = this.#kept;
    if (kept === undefined) {
      throw new SetNotReadyError(
        'No set of this release was kept to go back to. One of an older release is taken up again when that is started.',
      );
    }
    await switchTo(this.#options, { from: live, to: kept });
    this.#reopen();
    return { set: kept.set.schema };
  }

  async dropKept(): Promise<boolean> {
    await this.#opened();
    const kept = this.#kept;
    if (kept === undefined) return false;
    await dropVersionSet(this.#options.sql, kept.set);
    // Only now: the next session must not find it any more.
    this.#reopen();
    return true;
  }

  async #begin(options: RebuildOptions): Promise<{ readonly set: VersionSet; readonly isNew: boolean }> {
    const live = await this.#opened();
    const begun = await beginRebuildOf(this.#options.sql, this.#projections, live, options);
    if (begun.isNew) this.#reopen();
    return begun;
  }

  async #verify(): Promise<Comparison> {
    const { set, logId } = await this.#opened();
    return verifySet(this.#options, {
      live: set,
      projections: this.#projections,
      logId,
      bounds: fillBoundsOf(this.#options),
      signal: this.#stopping.signal,
    });
  }

  async #opened(): Promise<OpenedSet> {
    while (this.#live === undefined) {
      if (this.#stopping.signal.aborted) throw new Error('the projections are stopped');
      await delay(openPollMs);
    }
    return this.#live;
  }

  /** The sets are no longer what they were: the next session opens them anew. */
  #reopen(): void {
    this.#live = undefined;
    this.#build = undefined;
    this.#kept = undefined;
    this.#session.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      while (!signal.aborted) {
        await this.#retrying(() => this.#openAndFollow(), signal, isFatal).catch((error: unknown) => this.#fail(error));
      }
    } finally {
      this.#waiting.giveUp();
    }
    this.#live = undefined;
    this.#status = { state: 'stopped', detail: 'stopped' };
  }

  #fail(error: unknown): never {
    this.#status = { state: 'stopped', detail: error instanceof Error ? error.message : String(error) };
    throw error;
  }

  /** Work that is done once, with pauses between failures. */
  async #retrying(
    work: () => Promise<void>,
    signal: AbortSignal,
    isLast: (error: unknown) => boolean,
    isLive = true,
  ): Promise<void> {
    const { logger = silentLogger, metrics } = this.#options;
    let isDone = false;
    await retrying(
      async () => {
        await work();
        isDone = true;
      },
      () => isDone,
      {
        signal,
        backoffFirstMs: this.#options.backoffFirstMs ?? 50,
        backoffLastMs: this.#options.backoffLastMs ?? 5_000,
        progress: () => this.#progress.position,
        isFatal: isLast,
        onFailure: (error, backoffMs) => {
          metrics?.count('projection_retries_total');
          logger.warn({ err: error, backoffMs }, 'projections pause and try again');
          if (isLive) {
            this.#status = { state: 'failing', detail: error instanceof Error ? error.message : String(error) };
          }
        },
      },
    );
  }

  /** One session: opens the sets of this release, keeps them current, until one of them becomes something else. */
  async #openAndFollow(): Promise<void> {
    const session = new AbortController();
    this.#session = session;
    const signal = AbortSignal.any([this.#stopping.signal, session.signal]);
    const background: Promise<void>[] = [];
    try {
      const { sets, logId } = await this.#openSets();
      const unreadable = await unreadableBecause(this.#options.sql.query, sets.active, this.#projections);
      const live = await this.#openLive(sets, logId, unreadable !== undefined, signal);
      if (live === undefined) return;
      background.push(...this.#startBeside(sets, live, signal));
      this.#live = live;
      if (unreadable === undefined) {
        this.#progress.moveTo(live.writer.checkpoint.position);
        await this.#retrying(() => this.#follow(live, signal), signal, mustEndSession);
      } else {
        this.#status = { state: 'starting', detail: `${unreadable}: reads wait until this release's own are built` };
        await untilAborted(signal);
      }
    } catch (error) {
      if (!mustReopen(error)) throw error;
      await delay(reopenPauseMs, undefined, { signal }).catch(() => undefined);
    } finally {
      session.abort();
      await Promise.allSettled(background);
    }
  }

  async #openSets(): Promise<{ readonly sets: SetsOfRelease; readonly logId: string }> {
    const { sql, store } = this.#options;
    await migrate(sql);
    const sets = await ensureVersionSets(sql, this.#projections);
    const logId = await readLogId(store);
    if (logId === undefined) throw new Error('the log has no LogCreated event yet');
    this.#waiting.keepOnly([sets.building?.setId, sets.active.setId]);
    return { sets, logId };
  }

  /** The set that reads use. One of an older release goes on being followed, with what this release knows of it. */
  async #openLive(
    { active }: SetsOfRelease,
    logId: string,
    isUnreadable: boolean,
    signal: AbortSignal,
  ): Promise<OpenedSet | undefined> {
    const { sql } = this.#options;
    const isOwn = isOwnSet(active, this.#projections);
    const set = isOwn || isUnreadable ? active : { ...active, isMixed: true };
    if (set.isMixed && !active.isMixed) await markMixed(sql, set.setId);
    let isComplete = set.isFilled;
    let eventCount = 0;
    const live = await openFilled(this.#options, {
      set,
      projections: projectionsWithin(set, this.#projections),
      logId,
      isCurrent: !isUnreadable,
      bounds: fillBoundsOf(this.#options),
      signal,
      onOpened: () => {
        if (!set.isFilled) this.#status = { state: 'starting', detail: `building ${set.schema} from the log` };
      },
      onPage: (count) => {
        eventCount += count;
        this.#status = {
          state: 'starting',
          detail: `building ${set.schema} from the log: ${eventCount} events so far`,
        };
      },
      // Only what is complete counts: while the bulk is folded in, payments have not been looked up.
      onCommit: ({ position }) => {
        if (isComplete) this.#progress.moveTo(position);
      },
    });
    isComplete = true;
    if (live && isOwn) await live.exclusively(() => releaseHeld(sql, live));
    return live;
  }

  /** What is built and what is kept, each with pauses of its own: neither holds up the live set. */
  #startBeside({ building, kept }: SetsOfRelease, live: OpenedSet, signal: AbortSignal): Promise<void>[] {
    const { logId } = live;
    const beside: (() => Promise<void>)[] = [];
    this.#build = undefined;
    this.#kept = undefined;
    if (building) {
      const build = new SetBuild({
        options: this.#options,
        set: building,
        projections: this.#projections,
        logId,
        live,
        bounds: fillBoundsOf(this.#options),
        onSwitched: (comparison) => {
          this.#waiting.tookOver(building.setId, comparison);
          this.#reopen();
        },
      });
      this.#build = build;
      beside.push(() => build.run(signal));
    }
    if (kept) {
      beside.push(async () => {
        this.#kept ??= await openSet(this.#options, { set: kept, projections: this.#projections, logId });
        await followInto(this.#options, this.#kept, signal);
      });
    }
    return beside.map(async (work) => {
      try {
        await this.#retrying(work, signal, mustEndSession, false);
      } catch (error) {
        (this.#options.logger ?? silentLogger).warn({ err: error }, 'the version sets are looked at anew');
        this.#session.abort();
      }
    });
  }

  async #follow(live: OpenedSet, signal: AbortSignal): Promise<void> {
    const { store } = this.#options;
    const { logId } = live.writer.checkpoint;
    const actual = await readLogId(store);
    if (actual === undefined) throw new Error('the log has no LogCreated event yet');
    if (logId !== '' && logId !== actual) throw foreignLogError(logId, actual);
    await assertLogHolds(store, live.writer.checkpoint.position);
    this.#status = { state: 'running', detail: `following EVENTS into ${live.set.schema}` };
    await followInto(this.#options, live, signal);
  }
}
