/**
 * Builds a set beside the live one: fills it from the log, attaches it to `EVENTS`, compares, and lets it take over.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger } from '../ports.ts';
import type { Projection } from '../projection/projection.ts';
import { switchVersionSet, type VersionSet } from '../set/version-set.ts';
import { BuildRate } from './build-rate.ts';
import { compareSets, type Comparison } from './compare-sets.ts';
import type { FillBounds } from './fill-set.ts';
import { openFilled } from './open-filled.ts';
import { followInto, type OpenedSet } from './opened-set.ts';
import type { ProjectionsOptions } from './options.ts';
import { untilAborted } from './retrying.ts';

/** `filling`: from the log. `following`: current, being compared. `ready`: at parity, waiting for somebody to switch. */
export type BuildPhase = 'filling' | 'following' | 'ready';

/** What a build needs. */
export type SetBuildOptions = {
  readonly options: ProjectionsOptions;
  readonly set: VersionSet;
  readonly projections: readonly Projection[];
  readonly logId: string;
  /** The set that reads use. */
  readonly live: OpenedSet;
  readonly bounds: FillBounds;
  /** Called when the set took over. */
  readonly onSwitched: (comparison: Comparison) => void;
};

const behindWaitMs = 50;

/** The set is not complete yet, or not compared. */
export class SetNotReadyError extends Error {
  override readonly name = 'SetNotReadyError';
  readonly code = 'PROJECTIONS_NOT_READY';
}

/** See the module's description. */
export class SetBuild {
  readonly set: VersionSet;
  readonly #parts: SetBuildOptions;
  readonly #rate = new BuildRate();
  #opened: OpenedSet | undefined;
  #phase: BuildPhase = 'filling';
  #eventCount: number;
  #position = -1n;
  #comparison: Comparison | undefined;
  #isSwitched = false;

  constructor(parts: SetBuildOptions) {
    this.#parts = parts;
    this.set = parts.set;
    this.#eventCount = parts.set.eventCount;
  }

  get phase(): BuildPhase {
    return this.#phase;
  }

  get comparison(): Comparison | undefined {
    return this.#comparison;
  }

  get isSwitched(): boolean {
    return this.#isSwitched;
  }

  /** How far it is; `end` is where the log ends. */
  progress(end: bigint) {
    return {
      position: this.#position,
      eventCount: this.#eventCount,
      eventsPerSecond: this.#rate.eventsPerSecond,
      etaS: this.#phase === 'filling' ? this.#rate.etaS(end) : 0,
    };
  }

  /** Fills, attaches, compares; switches by itself unless that was asked to be done by hand. Then it only follows. */
  async run(signal: AbortSignal): Promise<void> {
    const { options, set, live } = this.#parts;
    const ended = new AbortController();
    const both = AbortSignal.any([signal, ended.signal]);
    const opened = await this.#filled(both);
    if (opened === undefined) return;
    this.#phase = this.#comparison === undefined ? 'following' : 'ready';
    const following = followInto(options, opened, both);
    const takingOver = this.#takeOver(opened, live, set.isByHand, both);
    try {
      await Promise.race([following, takingOver]);
    } finally {
      ended.abort();
      await Promise.allSettled([following, takingOver]);
    }
  }

  /** Lets the set take over, once it is at parity. @throws SetNotReadyError */
  async switchOver(): Promise<Comparison> {
    const { live } = this.#parts;
    const [opened, comparison] = [this.#opened, this.#comparison];
    if (opened === undefined || comparison === undefined) {
      throw new SetNotReadyError(
        `${this.set.schema} is ${this.#phase}; see projection list, and switch when it is ready.`,
      );
    }
    await switchTo(this.#parts.options, { from: live, to: opened });
    this.#isSwitched = true;
    this.#parts.onSwitched(comparison);
    return comparison;
  }

  async #filled(signal: AbortSignal): Promise<OpenedSet | undefined> {
    const { options, projections, logId, bounds, live } = this.#parts;
    const set = this.#phase === 'filling' ? this.set : { ...this.set, isFilled: true };
    const opened = await openFilled(options, {
      set,
      live: live.set,
      projections,
      logId,
      bounds,
      signal,
      onOpened: (now) => {
        this.#opened = now;
        this.#rate.note(performance.now(), this.#eventCount, now.writer.checkpoint.position);
      },
      onPage: (count, position) => this.#note(count, position),
    });
    await opened?.writer.catchUpFromLog(undefined, { signal });
    return signal.aborted ? undefined : opened;
  }

  #note(count: number, position: bigint): void {
    this.#eventCount += count;
    this.#position = position;
    this.#rate.note(performance.now(), this.#eventCount, position);
  }

  async #takeOver(opened: OpenedSet, live: OpenedSet, isByHand: boolean, signal: AbortSignal): Promise<void> {
    const { options, projections } = this.#parts;
    const { sql, logger = silentLogger } = options;
    const folded = { eventCount: this.#eventCount, eventsPerSecond: this.#rate.eventsPerSecond };
    const built = { schema: this.set.schema, writer: opened.writer, folded: this.set.folded };
    this.#comparison = await opened.exclusively(() =>
      compareSets({ sql, live: live.set, isLiveCurrent: live.isCurrent, built, projections, signal, folded }),
    );
    this.#phase = 'ready';
    const { equal, position, differences, rows, explained } = this.#comparison;
    const report = { schema: this.set.schema, position, differences, rows: rows.slice(0, 10), explained };
    if (equal) logger.info(report, 'a version set was built from the log and is at parity');
    else logger.warn(report, 'the live read models differed from the log; the set built from the log is right');
    if (isByHand) {
      await untilAborted(signal);
      return;
    }
    await this.switchOver();
  }
}

/**
 * Switches to a set that is current. What it lacks of the live one's last events is taken in while that one stands still:
 * reads go on, and never go back.
 */
export async function switchTo(
  { sql }: Pick<ProjectionsOptions, 'sql'>,
  { from, to }: { readonly from: OpenedSet; readonly to: OpenedSet },
): Promise<void> {
  const attemptCountMax = 100;
  for (let attempt = 1; ; attempt += 1) {
    const isDone = await from.exclusively(() =>
      to.exclusively(async () => {
        await to.writer.catchUpFromLog();
        return switchVersionSet(sql, { from: from.set, to: to.set });
      }),
    );
    if (isDone) return;
    if (attempt >= attemptCountMax) {
      throw new SetNotReadyError(`${to.set.schema} did not overtake ${from.set.schema}; look at projection list.`);
    }
    await delay(behindWaitMs);
  }
}
