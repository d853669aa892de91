/**
 * Reads that know how far the read model is: every statement answers its rows together with the watermark, from one
 * snapshot.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ReadModelBehindError } from '../errors.ts';
import type { ReadModelProgress } from '../ports.ts';
import type { Sql, SqlValue } from '../sql/types.ts';
import { isMissingTable } from '../sql/questions.ts';
import { createActiveSet } from './active-set.ts';
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
};

const pollMs = 25;

/** Makes the one function that all reads go through. */
export function createReader({ sql, progress, waitMs }: ReaderOptions): ReadAt {
  const activeSet = createActiveSet(sql);
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
  return async <Row>(statement: (schema: string) => string, values: readonly SqlValue[], options: ReadOptions = {}) => {
    const minPosition = parsePosition(options.minPosition);
    const until = performance.now() + waitMs;
    for (;;) {
      const schema = await activeSet();
      const found = schema === undefined ? undefined : await readIfThere<Row>(sql, statement(schema), schema, values);
      if (found && found.position >= minPosition) {
        // An empty read model is shown as 0: positions are opaque, and before the first event nothing is asked for.
        return { asOfPosition: (found.position < 0n ? 0n : found.position).toString(), rows: found.rows };
      }
      const left = until - performance.now();
      if (left <= 0) throw new ReadModelBehindError(minPosition, found?.position ?? -1n, waitMs);
      await moreProgress(progress, minPosition, Math.min(left, waitMs));
    }
  };
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
): Promise<{ position: bigint; rows: readonly Row[] }> {
  const [row] = await sql.query<{ position: string; rows: readonly Row[] | null }>(
    `select (select position::text from ${schema}.checkpoint) as position,
            (select jsonb_agg(to_jsonb(r)) from (${statement}) r) as rows`,
    values,
  );
  return { position: BigInt(row?.position ?? -1), rows: row?.rows ?? [] };
}

async function moreProgress(
  progress: ReadModelProgress | undefined,
  minPosition: bigint,
  leftMs: number,
): Promise<void> {
  if (progress === undefined) return delay(Math.min(pollMs, leftMs));
  // Late is told by the caller, which knows how far the read came.
  await progress.waitFor(minPosition, leftMs).catch((error: unknown) => {
    if (!(error instanceof ReadModelBehindError)) throw error;
  });
}
