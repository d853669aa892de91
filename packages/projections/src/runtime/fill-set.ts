/**
 * Folds the bulk of the log into a set that is being built: in memory, written in big steps, no payment is looked up and no
 * index kept up to date until the end.
 *
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import type { LogItem } from '../projection/log-item.ts';
import type { Projection } from '../projection/projection.ts';
import { CheckpointMovedError } from '../set/checkpoint.ts';
import { readCopiedAt } from '../set/copy-tables.ts';
import { forgetAllPeople } from '../set/forget-people.ts';
import { meetAll } from '../set/meet.ts';
import type { MemoryBounds } from '../set/row-memory.ts';
import { finishFilling, type VersionSet } from '../set/version-set.ts';
import { isDataError } from '../sql/questions.ts';
import type { Sql } from '../sql/types.ts';
import type { ProjectionsOptions } from './options.ts';
import type { SetFiller } from './set-filler.ts';
import type { SetWriter } from './set-writer.ts';
import { takeOverRest } from './take-over-rest.ts';

/** How much is folded and held at a time. */
export type FillBounds = MemoryBounds & {
  /** Events that are folded together. */
  readonly pageCountMax: number;
};

/** What filling needs. */
export type FillOptions = {
  readonly sql: Sql;
  readonly store: Pick<ProjectionsOptions['store'], 'readAll'>;
  readonly set: VersionSet;
  /** The set that reads use, from which tables are taken over where only some are folded. */
  readonly live?: VersionSet;
  /** One that was opened with `meets: false`, for those projections that are folded. */
  readonly writer: SetWriter;
  /** All projections of the set. */
  readonly projections: readonly Projection[];
  readonly bounds: FillBounds;
  readonly signal: AbortSignal;
  /** Called after every page, with how many events were folded and up to where. */
  readonly onPage: (eventCount: number, position: bigint) => void;
};

/** Fills the set up to the end of the log; where it was interrupted it goes on. Answers false when `signal` aborted. */
export async function fillSet(options: FillOptions): Promise<boolean> {
  const { sql, set, live, projections, signal } = options;
  // What was copied already is as of one position: the rest must not be folded beyond it.
  const copiedAt = set.folded ? await readCopiedAt(sql, set.setId) : undefined;
  if (copiedAt === undefined) while (!(await foldLog(options)));
  if (signal.aborted) return false;
  if (set.folded && live) {
    await takeOverRest({ ...options, live, copiedAt, streamPrefixes: wantedStreams(set, projections) });
  }
  await finishFilling(sql, set, projections, async (query) => {
    await meetAll(query, set.schema);
    await forgetAllPeople(query, set.schema, projections);
  });
  return true;
}

/** The projections that are folded from the log into a set. */
export function foldedProjections(set: Pick<VersionSet, 'folded'>, all: readonly Projection[]): readonly Projection[] {
  const { folded } = set;
  return folded ? all.filter(({ name }) => folded.includes(name)) : all;
}

/** Beginnings of the names of streams that are folded into a set; undefined where the whole log is. */
function wantedStreams(set: Pick<VersionSet, 'folded'>, all: readonly Projection[]): readonly string[] | undefined {
  if (set.folded === null) return undefined;
  return [...new Set(foldedProjections(set, all).map(({ handles }) => handles.streamPrefix))];
}

/** Folds up to the end of the log, and leaves the writer there; answers false when it has to begin anew behind the checkpoint. */
async function foldLog(options: FillOptions): Promise<boolean> {
  const { writer, bounds } = options;
  const before = writer.checkpoint.position;
  const filler = writer.startFilling(bounds);
  try {
    await foldPages(options, filler);
    await filler.finish();
    await writer.reload();
    return true;
  } catch (error) {
    await writer.reload();
    // Another process fills the same set: what it has is skipped.
    if (error instanceof CheckpointMovedError && writer.checkpoint.position > before) return false;
    if (!isDataError(error)) throw error;
    // The database refuses a value: the ordinary way finds whose it is, and holds that stream alone.
    const streamPrefixes = wantedStreams(options.set, options.projections);
    await writer.catchUpFromLog(filler.position + 1n, { streamPrefixes });
    return false;
  }
}

async function foldPages(
  { store, set, projections, bounds, signal, onPage }: FillOptions,
  filler: SetFiller,
): Promise<void> {
  let page: LogItem[] = [];
  const fold = async (): Promise<void> => {
    const items = page;
    page = [];
    await filler.fold(items);
    onPage(items.length, filler.position);
    // What was read ahead would otherwise be folded page after page, while requests and answers of the database wait.
    await setImmediate();
  };
  const { position } = filler;
  const streamPrefixes = wantedStreams(set, projections);
  const wanted = { ...(position >= 0n && { after: position }), ...(streamPrefixes && { streamPrefixes }) };
  for await (const item of store.readAll(wanted)) {
    if (signal.aborted) return;
    page.push(item);
    if (page.length >= bounds.pageCountMax) await fold();
  }
  await fold();
}
