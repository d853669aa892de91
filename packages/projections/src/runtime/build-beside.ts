/**
 * A second set of the same projections, filled from the log while the live one keeps working: for verifying and for
 * rebuilding.
 *
 * @module
 */
import { reconcileFeed } from '../feed/reconcile.ts';
import { digestSet, type TableDigest } from '../set/digest.ts';
import { activateVersionSet, createBuildingSet, dropVersionSet, type VersionSet } from '../set/version-set.ts';
import type { ProjectionsOptions } from './options.ts';
import { SetWriter, type SetWriterOptions } from './set-writer.ts';

/** A table whose rows differ from what the log says. */
export type TableDifference = { readonly table: string; readonly live: TableDigest; readonly fromLog: TableDigest };

/** What comparing the live read models with the log showed. */
export type Comparison = {
  readonly equal: boolean;
  /** Both were compared as of this position. */
  readonly position: string;
  readonly eventsPerSecond: number;
  readonly tables: readonly TableDigest[];
  readonly differences: readonly TableDifference[];
};

/** What is live, and how to hold it still. */
export type LiveSet = {
  readonly set: VersionSet;
  readonly writer: SetWriter;
  readonly writerOptions: SetWriterOptions;
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
};

/** Folds the log into tables of its own and compares: every difference is a defect of the live ones. */
export async function verifySet(options: ProjectionsOptions, live: LiveSet): Promise<Comparison> {
  return besides(options, live, () => Promise.resolve(false));
}

/** The same, and then the new tables take over. */
export async function rebuildSet(options: ProjectionsOptions, live: LiveSet): Promise<Comparison> {
  return besides(options, live, async (built, writer) => {
    // Where to go on in EVENTS: the live set has taken in everything up to there, and so has this one from the log.
    await writer.write([], live.writer.checkpoint);
    await reconcileFeed(options.sql.query, built.schema);
    await activateVersionSet(options.sql, built.setId);
    return true;
  });
}

async function besides(
  { sql }: ProjectionsOptions,
  live: LiveSet,
  takeOver: (built: VersionSet, writer: SetWriter) => Promise<boolean>,
): Promise<Comparison> {
  const { projections } = live.writerOptions.set;
  const built = await createBuildingSet(sql, projections);
  let isLive = false;
  try {
    const writer = await SetWriter.open({
      ...live.writerOptions,
      set: { ...live.writerOptions.set, schema: built.schema, feed: false },
      onCommit: () => undefined,
      onHeld: () => Promise.resolve(),
    });
    const began = performance.now();
    const count = await writer.catchUpFromLog(live.writer.checkpoint.position + 1n);
    const eventsPerSecond = Math.round((count * 1000) / Math.max(1, performance.now() - began));
    // The rest while the live set stands still, so that both stand at the same event.
    return await live.exclusively(async () => {
      await writer.catchUpFromLog(live.writer.checkpoint.position + 1n);
      const comparison = compare(
        await digestSet(sql.query, live.set.schema, projections),
        await digestSet(sql.query, built.schema, projections),
      );
      const position = live.writer.checkpoint.position.toString();
      isLive = await takeOver(built, writer);
      return { ...comparison, position, eventsPerSecond };
    });
  } finally {
    if (!isLive) await dropVersionSet(sql, built);
  }
}

function compare(
  live: readonly TableDigest[],
  fromLog: readonly TableDigest[],
): Pick<Comparison, 'equal' | 'tables' | 'differences'> {
  const differences = live.flatMap((digest, index) => {
    const other = fromLog[index];
    const same = other?.rowCount === digest.rowCount && other.digest === digest.digest;
    return same || other === undefined ? [] : [{ table: digest.table, live: digest, fromLog: other }];
  });
  return { equal: differences.length === 0, tables: fromLog, differences };
}
