/**
 * Folds the bulk of the log into a set that is being built: big pages, the next one is read while one is written, no
 * payment is looked up and no index kept up to date until the end.
 *
 * @module
 */
import type { LogItem } from '../projection/log-item.ts';
import type { Projection } from '../projection/projection.ts';
import { forgetAllPeople } from '../set/forget-people.ts';
import { meetAll } from '../set/meet.ts';
import { finishFilling, type VersionSet } from '../set/version-set.ts';
import type { Sql } from '../sql/types.ts';
import type { ProjectionsOptions } from './options.ts';
import type { SetWriter } from './set-writer.ts';

/** What filling needs. */
export type FillOptions = {
  readonly sql: Sql;
  readonly store: Pick<ProjectionsOptions['store'], 'readAll'>;
  readonly set: VersionSet;
  /** One that was opened with `meets: false`. */
  readonly writer: SetWriter;
  readonly projections: readonly Projection[];
  readonly pageCountMax: number;
  readonly signal: AbortSignal;
  /** Called after every page. */
  readonly onPage: (eventCount: number) => Promise<void> | void;
};

/** Fills the set up to the end of the log; where it was interrupted it goes on. Answers false when `signal` aborted. */
export async function fillSet(options: FillOptions): Promise<boolean> {
  const { sql, set, projections, signal } = options;
  await foldPages(options);
  if (signal.aborted) return false;
  await finishFilling(sql, set, projections, async (query) => {
    await meetAll(query, set.schema);
    await forgetAllPeople(query, set.schema, projections);
  });
  return true;
}

async function foldPages({ store, writer, pageCountMax, signal, onPage }: FillOptions): Promise<void> {
  const { position } = writer.checkpoint;
  let page: LogItem[] = [];
  let writing: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    await writing;
    const items = page;
    page = [];
    writing = writer.write(items).then(() => onPage(items.length));
    // A failure is met where the next page waits for this one.
    writing.catch(() => undefined);
  };
  try {
    for await (const item of store.readAll(position < 0n ? {} : { after: position })) {
      if (signal.aborted) break;
      page.push(item);
      if (page.length >= pageCountMax) await write();
    }
    if (!signal.aborted && page.length > 0) await write();
  } finally {
    await writing;
  }
}
