/**
 * Folds the bulk of the log into a set that is being built: in memory, written in big steps, no payment is looked up and no
 * index kept up to date until the end.
 *
 * @module
 */
import type { LogItem } from '../projection/log-item.ts';
import type { Projection } from '../projection/projection.ts';
import { CheckpointMovedError } from '../set/checkpoint.ts';
import { forgetAllPeople } from '../set/forget-people.ts';
import { meetAll } from '../set/meet.ts';
import type { MemoryBounds } from '../set/row-memory.ts';
import { finishFilling, type VersionSet } from '../set/version-set.ts';
import { isDataError } from '../sql/questions.ts';
import type { Sql } from '../sql/types.ts';
import type { ProjectionsOptions } from './options.ts';
import type { SetFiller } from './set-filler.ts';
import type { SetWriter } from './set-writer.ts';

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
  /** One that was opened with `meets: false`. */
  readonly writer: SetWriter;
  readonly projections: readonly Projection[];
  readonly bounds: FillBounds;
  readonly signal: AbortSignal;
  /** Called after every page, with how many events were folded and up to where. */
  readonly onPage: (eventCount: number, position: bigint) => void;
};

/** Fills the set up to the end of the log; where it was interrupted it goes on. Answers false when `signal` aborted. */
export async function fillSet(options: FillOptions): Promise<boolean> {
  const { sql, set, projections, signal } = options;
  while (!(await foldLog(options)));
  if (signal.aborted) return false;
  await finishFilling(sql, set, projections, async (query) => {
    await meetAll(query, set.schema);
    await forgetAllPeople(query, set.schema, projections);
  });
  return true;
}

/** Answers false when it has to begin anew behind the checkpoint. */
async function foldLog(options: FillOptions): Promise<boolean> {
  const { writer, bounds } = options;
  const before = writer.checkpoint.position;
  const filler = writer.startFilling(bounds);
  try {
    await foldPages(options, filler);
    await filler.finish();
    return true;
  } catch (error) {
    await writer.reload();
    // Another process fills the same set: what it has is skipped.
    if (error instanceof CheckpointMovedError && writer.checkpoint.position > before) return false;
    if (!isDataError(error)) throw error;
    // The database refuses a value: the ordinary way finds whose it is, and holds that stream alone.
    await writer.catchUpFromLog(filler.position + 1n);
    return false;
  }
}

async function foldPages({ store, bounds, signal, onPage }: FillOptions, filler: SetFiller): Promise<void> {
  let page: LogItem[] = [];
  const fold = async (): Promise<void> => {
    const items = page;
    page = [];
    await filler.fold(items);
    onPage(items.length, filler.position);
  };
  const { position } = filler;
  for await (const item of store.readAll(position < 0n ? {} : { after: position })) {
    if (signal.aborted) return;
    page.push(item);
    if (page.length >= bounds.pageCountMax) await fold();
  }
  await fold();
}
