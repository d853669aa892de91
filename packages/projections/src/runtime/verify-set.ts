import { createComparedSet, dropVersionSet, isOwnSet, type VersionSet } from '../set/version-set.ts';
import type { Projection } from '../projection/projection.ts';
import { BuildRate } from './build-rate.ts';
import { compareSets, type Comparison } from './compare-sets.ts';
import { fillSet, type FillBounds } from './fill-set.ts';
import { openSet } from './opened-set.ts';
import type { ProjectionsOptions } from './options.ts';

/** There is nothing to compare with: the live read models are those of another release until the new ones take over. */
export class ReadModelsOfOtherReleaseError extends Error {
  override readonly name = 'ReadModelsOfOtherReleaseError';
  readonly code = 'PROJECTIONS_NOT_READY';
}

/** What verifying needs. */
export type VerifyOptions = {
  readonly live: VersionSet;
  readonly projections: readonly Projection[];
  readonly logId: string;
  readonly bounds: FillBounds;
  readonly signal: AbortSignal;
};

/** Folds the log into tables of its own and compares: every difference is a defect of the live ones, which go on working. */
export async function verifySet(options: ProjectionsOptions, how: VerifyOptions): Promise<Comparison> {
  const { sql, store } = options;
  const { live, projections, logId, bounds, signal } = how;
  if (!isOwnSet(live, projections)) {
    throw new ReadModelsOfOtherReleaseError(
      'The read models of this release are still being built; verify when they have taken over (projection list).',
    );
  }
  const set = await createComparedSet(sql, projections);
  try {
    const rate = new BuildRate(Number.MAX_SAFE_INTEGER);
    let eventCount = 0;
    const { writer } = await openSet(options, { set, projections, logId, isFilling: true });
    const onPage = (count: number, position: bigint): void => {
      eventCount += count;
      rate.note(performance.now(), eventCount, position);
    };
    onPage(0, writer.checkpoint.position);
    const isFilled = await fillSet({ sql, store, set, live, writer, projections, bounds, signal, onPage });
    if (!isFilled) throw new Error('verifying was stopped');
    const opened = await openSet(options, { set, projections, logId });
    const folded = { eventCount, eventsPerSecond: rate.eventsPerSecond };
    const built = { schema: set.schema, writer: opened.writer, folded: null };
    return await compareSets({ sql, live, isLiveCurrent: true, built, projections, signal, folded });
  } finally {
    await dropVersionSet(sql, set);
  }
}
