import { findPostgres, openPglite, startTemporaryPostgres } from '@perennial/embedded';
import { openSql, type Sql } from '@perennial/projections';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A database for a suite. */
export type TestDatabase = {
  readonly name: string;
  readonly sql: Sql;
  /** Removes every read model, as if the database had been deleted. */
  wipe(): Promise<void>;
  close(): Promise<void>;
};

const seedDirectory = fileURLToPath(new URL('../../../.cache/pglite-seed', import.meta.url));

/** PGlite, and PostgreSQL where its programs are installed. */
export async function openDatabases(): Promise<TestDatabase[]> {
  const installation = await findPostgres();
  const name = installation ? `PostgreSQL ${installation.majorVersion}` : undefined;
  console.log(`\nNOTE read models run on PGlite${name ? ` and ${name}` : '; no PostgreSQL is installed here'}`);
  return name === undefined ? [await pglite()] : [await pglite(), await postgres(name)];
}

async function pglite(): Promise<TestDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'perennial-pglite-'));
  const { database, close } = await openPglite({ dataDirectory: directory, seedDirectory });
  const sql = await openSql({ pglite: database });
  return {
    name: 'PGlite',
    sql,
    wipe: () => wipe(sql),
    close: async () => {
      await close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function postgres(name: string): Promise<TestDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'perennial-postgres-'));
  const server = await startTemporaryPostgres({ directory, settings: { fsync: 'off' } });
  const sql = await openSql({ databaseUrl: server.url });
  return {
    name,
    sql,
    wipe: () => wipe(sql),
    close: async () => {
      await sql.close();
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function wipe(sql: Sql): Promise<void> {
  const schemas = await sql.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname like 'perennial%'`,
  );
  for (const { name } of schemas) await sql.query(`drop schema ${name} cascade`);
}
