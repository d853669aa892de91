import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTemporaryPostgres, type PostgresInstallation } from '@perennial/embedded';
import type { Closers } from './closers.ts';

/** A PostgreSQL of one system's own. */
export type Database = { readonly url: string; readonly pid: number };

/** Starts one with PostgreSQL's own defaults: `fsync` and `synchronous_commit` on. */
export async function startDatabase(
  closers: Closers,
  directory: string,
  installation: PostgresInstallation,
): Promise<Database> {
  const place = join(directory, 'postgres');
  const { url } = closers.add(await startTemporaryPostgres({ directory: place, installation }), (it) => it.stop());
  const [pid = ''] = readFileSync(join(place, 'cluster/postmaster.pid'), 'utf8').split('\n');
  return { url, pid: Number(pid) };
}
