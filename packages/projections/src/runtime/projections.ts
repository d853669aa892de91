import type { ReadModelProgress, Role } from '../ports.ts';
import type { TableDigest } from '../set/digest.ts';
import type { HeldStreamRow } from '../set/held.ts';
import type { Comparison } from './compare-sets.ts';
import type { SetReport } from './set-report.ts';

/** How read models are rebuilt. */
export type RebuildOptions = {
  /** Whether the set waits for somebody to switch to it; default false. */
  readonly isByHand?: boolean;
  /** The name of a projection: it and what has to go with it are folded anew, the other tables taken over as they are. */
  readonly only?: string;
};

/** A rebuild that has begun. */
export type RebuildBegun = {
  readonly set: string;
  /** False when the same was under way already. */
  readonly isNew: boolean;
  /** Names of the projections that are folded from the log. */
  readonly folded: readonly string[];
};

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
    /** The live set, the one that is being built and the one that was kept, and how far each is. */
    sets(): Promise<readonly SetReport[]>;
    /**
     * Folds the log anew and compares every table; nothing stands still meanwhile.
     * @throws ReadModelsOfOtherReleaseError while the read models of this release are being built
     */
    verify(): Promise<Comparison>;
    /**
     * Begins to fold the log anew beside the live tables.
     * @throws UnknownProjectionError
     * @throws SetNotReadyError when another rebuild is under way
     */
    startRebuild(options?: RebuildOptions): Promise<RebuildBegun>;
    /** The same, and waits until the new tables have taken over; the old ones stay for going back. */
    rebuild(options?: Pick<RebuildOptions, 'only'>): Promise<Comparison>;
    /** Lets the set that is ready take over now. @throws SetNotReadyError */
    switchOver(): Promise<Comparison>;
    /** Goes back to the set that was live before, which was kept current. @throws SetNotReadyError */
    switchBack(): Promise<{ readonly set: string }>;
    /** Drops the set that was kept for going back; answers whether there was one. */
    dropKept(): Promise<boolean>;
  };
