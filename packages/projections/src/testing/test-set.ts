import { PGlite } from '@electric-sql/pglite';
import { allProjections } from '../models/index.ts';
import { noProjectionMetrics } from '../runtime/metrics.ts';
import { SetWriter } from '../runtime/set-writer.ts';
import { digestSet, type TableDigest } from '../set/digest.ts';
import { ensureVersionSets } from '../set/version-set.ts';
import { migrate } from '../sql/migrate.ts';
import { openSql } from '../sql/open-sql.ts';
import type { Sql } from '../sql/types.ts';
import type { HeldStream } from '../projection/fold-stream.ts';
import type { MemoryLog } from './memory-log.ts';

/** A database in memory; one for a whole suite, since it takes seconds to make. */
export async function openTestDatabase(): Promise<{ readonly sql: Sql; close(): Promise<void> }> {
  const pglite = await PGlite.create();
  const sql = await openSql({ pglite });
  return { sql, close: () => pglite.close() };
}

/** Removes every read model. */
export async function wipe(sql: Sql): Promise<void> {
  const schemas = await sql.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname like 'perennial%'`,
  );
  for (const { name } of schemas) await sql.query(`drop schema ${name} cascade`);
}

/** Empties the tables of a set: much cheaper than making them anew. */
export async function empty(sql: Sql, schema: string): Promise<void> {
  const tables = [...allProjections.map(({ table }) => table.name), 'feed_outbox'];
  await sql.query(`
    ${tables.map((table) => `delete from ${schema}.${table};`).join('\n')}
    update ${schema}.checkpoint set position = -1, stream_sequence = 0, stream_created = '', log_id = '';
  `);
}

/** A version set that events of a log can be written to. */
export type TestSet = {
  readonly sql: Sql;
  readonly schema: string;
  readonly log: MemoryLog;
  readonly writer: SetWriter;
  readonly held: HeldStream[];
  readonly counts: Map<string, number>;
  digests(): Promise<TableDigest[]>;
};

/** Opens the set; what is there already stays. */
export async function openTestSet(
  sql: Sql,
  log: MemoryLog,
  options: { readonly batchCountMax?: number; readonly meets?: boolean } = {},
): Promise<TestSet> {
  await migrate(sql);
  const { schema } = (await ensureVersionSets(sql, allProjections)).active;
  const held: HeldStream[] = [];
  const counts = new Map<string, number>();
  const writer = await SetWriter.open({
    set: { sql, schema, projections: allProjections, store: log, feed: true, meets: options.meets ?? true },
    store: log,
    logId: 'log-1',
    metrics: {
      ...noProjectionMetrics,
      count: (name, _labels, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    },
    batchCountMax: options.batchCountMax ?? 500,
    onHeld: async (stream) => void held.push(stream),
    onCommit: () => undefined,
  });
  return {
    sql,
    schema,
    log,
    writer,
    held,
    counts,
    digests: async () => [...(await digestSet(sql, schema, allProjections)).tables],
  };
}
