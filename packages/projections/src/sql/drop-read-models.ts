import { migrationLock } from './migrate.ts';
import type { Sql } from './types.ts';

/** Drops everything of ours in the read database; the next start makes it again from the log. */
export async function dropReadModels(sql: Sql): Promise<void> {
  await sql.tx(async (query) => {
    await query('select pg_advisory_xact_lock($1::bigint)', [migrationLock]);
    const schemas = await query<{ name: string }>(
      `select nspname as name from pg_namespace where nspname = 'perennial' or nspname like 'perennial\\_set\\_%'`,
      [],
    );
    for (const { name } of schemas) await query(`drop schema if exists "${name}" cascade`);
  });
}
