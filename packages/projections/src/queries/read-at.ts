/**
 * Reads that know how far the read model is: every statement answers its rows together with the watermark, from one
 * snapshot.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ReadModelBehindError, ReadModelRebuildingError } from '../errors.ts';
import { allProjections } from '../models/index.ts';
import type { ReadModelProgress } from '../ports.ts';
import type { Projection } from '../projection/projection.ts';
import type { Sql, SqlValue } from '../sql/types.ts';
import { isMissingTable } from '../sql/questions.ts';
import { createActiveSet, isActive } from './active-set.ts';
import type { ReadOptions } from './types.ts';

/** What a read answers. */
export type ReadResult<Row> = { readonly asOfPosition: string; readonly rows: readonly Row[] };

/** Runs `statement(schema)` once the read model is at `minPosition`. */
export type ReadAt = <Row>(
  statement: (schema: string) => string,
  values: readonly SqlValue[],
  options?: ReadOptions,
) => Promise<ReadResult<Row>>;

/** What a reader needs. */
export type ReaderOptions = {
  readonly sql: Sql;
  /** Told about progress by the projections of this process; without it the database is asked again and again. */
  readonly progress?: ReadModelProgress | undefined;
  /** How long a read waits for its `minPosition`. */
  readonly waitMs: number;
  /** What this release projects; default all. */
  readonly projections?: readonly Projection[];
};

const pollMs = 25;

/** Makes the one function that all reads go through. */
export function createReader({ sql, progress, waitMs, projections = allProjections }: ReaderOptions): ReadAt {
  const activeSet = createActiveSet(sql, projections);
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
  return async <Row>(statement: (schema: string) => string, values: readonly SqlValue[], options: ReadOptions = {}) => {
    const minPosition = parsePosition(options.minPosition);
    const until = performance.now() + waitMs;
    for (;;) {
      const set = await activeSet.find();
      const schema = set?.unreadable === undefined ? set?.schema : undefined;
      const found = schema === undefined ? undefined : await readIfThere<Row>(sql, statement(schema), schema, values);
      if (found?.isActive && found.position >= minPosition) {
        // An empty read model is shown as 0: positions are opaque, and before the first event nothing is asked for.
        return { asOfPosition: (found.position < 0n ? 0n : found.position).toString(), rows: found.rows };
      }
      const isSwitched = schema !== undefined && !found?.isActive;
      if (!found?.isActive) activeSet.forget();
      const left = until - performance.now();
      if (left <= 0) throw late(set?.unreadable, minPosition, found?.position, waitMs);
      if (isSwitched) await delay(1);
      else await moreProgress(found && progress, minPosition, Math.min(left, waitMs));
    }
  };
}

function late(unreadable: string | undefined, minPosition: bigint, position = -1n, waitMs: number): Error {
  return unreadable === undefined
    ? new ReadModelBehindError(minPosition, position, waitMs)
    : new ReadModelRebuildingError(unreadable);
}

/** @throws RangeError for a text that is no position */
export function parsePosition(position: string | bigint | undefined): bigint {
  if (position === undefined) return -1n;
  if (typeof position === 'bigint') return position;
  if (!/^\d{1,20}$/.test(position)) throw new RangeError(`${position} is not a position: send what a command answered`);
  // 0 is what an empty read model shows.
  return position === '0' ? -1n : BigInt(position);
}

/** Undefined when the set was dropped after its name was learnt: the name of its successor is read next. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only the statement's author knows its rows
async function readIfThere<Row>(
  ...read: Parameters<typeof readOnce>
): Promise<Awaited<ReturnType<typeof readOnce<Row>>> | undefined> {
  try {
    return await readOnce<Row>(...read);
  } catch (error) {
    if (isMissingTable(error)) return undefined;
    throw error;
  }
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
async function readOnce<Row>(
  sql: Sql,
  statement: string,
  schema: string,
  values: readonly SqlValue[],
): Promise<{ position: bigint; isActive: boolean; rows: readonly Row[] }> {
  const [row] = await sql.query<{ position: string; active: boolean; rows: readonly Row[] | null }>(
    `select (select position::text from ${schema}.checkpoint) as position, ${isActive(schema)} as active,
            (select jsonb_agg(to_jsonb(r)) from (${statement}) r) as rows`,
    values,
  );
  return { position: BigInt(row?.position ?? -1), isActive: row?.active === true, rows: row?.rows ?? [] };
}

async function moreProgress(
  progress: ReadModelProgress | undefined,
  minPosition: bigint,
  leftMs: number,
): Promise<void> {
  if (progress === undefined) return delay(Math.min(pollMs, leftMs));
  const began = performance.now();
  // Late is told by the caller, which knows how far the read came.
  await progress.waitFor(minPosition, leftMs).catch((error: unknown) => {
    if (!(error instanceof ReadModelBehindError)) throw error;
  });
  // Another process may be ahead of the rows that this one reads: no faster than by asking.
  if (performance.now() - began < 1) await delay(Math.min(pollMs, leftMs));
}
