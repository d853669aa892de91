import { openPglite, type PgliteDatabase } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import type { Sql } from './types.ts';

/** The oldest PostgreSQL that the SQL of this package is written for. */
export const oldestPostgresMajor = 14;

/** Which database: PostgreSQL by its address, or an open PGlite that the caller keeps (and closes after `close()`). */
export type OpenSqlOptions =
  | {
      readonly databaseUrl: string;
      /** Connections of this process; default 8. */
      readonly connectionCountMax?: number;
      /** How long to wait for a connection; default 5 000. */
      readonly connectTimeoutMs?: number;
    }
  | { readonly pglite: PgliteDatabase };

/**
 * Opens the read database; one code path for both engines.
 *
 * @throws DatabaseUnreachableError, DatabaseRefusedError, DatabaseTooOldError
 * @example
 * const sql = await openSql({ databaseUrl: 'postgres://…' });
 */
export async function openSql(options: OpenSqlOptions): Promise<Sql> {
  return 'pglite' in options ? openPglite(options.pglite) : openPostgres(options, oldestPostgresMajor);
}
