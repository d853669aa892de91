import { DatabaseTooNewError } from '../errors.ts';
import { migrations, type Migration } from './migrations.ts';
import type { Query, Sql } from './types.ts';

/** Any number, as long as it stays the same: whoever migrates holds this advisory lock. */
export const migrationLock = 5_730_114;

/**
 * Brings the meta schema up to date, in one transaction and under a lock, so that processes may start together.
 *
 * @throws DatabaseTooNewError when a newer release has migrated it further
 */
export async function migrate(sql: Sql, steps: readonly Migration[] = migrations): Promise<void> {
  await sql.tx(async (query) => {
    await query('select pg_advisory_xact_lock($1::bigint)', [migrationLock]);
    await query(`
      create schema if not exists perennial;
      create table if not exists perennial.migrations (
        number int primary key, name text not null, applied_at timestamptz not null default now()
      );
    `);
    const found = await appliedNumber(query);
    const known = steps.at(-1)?.number ?? 0;
    if (found > known) throw new DatabaseTooNewError(found, known);
    for (const step of steps.filter((candidate) => candidate.number > found)) {
      await query(step.sql);
      await query('insert into perennial.migrations (number, name) values ($1, $2)', [step.number, step.name]);
    }
  });
}

async function appliedNumber(query: Query): Promise<number> {
  const [row] = await query<{ number: number }>('select coalesce(max(number), 0) as number from perennial.migrations');
  return row?.number ?? 0;
}
