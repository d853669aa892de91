import { join } from 'node:path';
import { openPglite, type EmbeddedDatabase } from '@perennial/embedded';
import { sqlRoles } from '../configuration/configuration.ts';
import { cacheDirectory } from './cache-directory.ts';
import type { PortableConfiguration } from './messages.ts';

/** What a role process has begun while the engines start. */
export type Prepared = {
  readonly configuration: PortableConfiguration;
  /** The embedded database, being opened; undefined when another one is configured, or no role here needs it. */
  readonly database: Promise<EmbeddedDatabase> | undefined;
};

/** Begins what needs no engine: opening the embedded database takes longest of all. */
export function prepareProcess(configuration: PortableConfiguration): Prepared {
  const isNeeded = configuration.databaseUrl === null && configuration.roles.some((role) => sqlRoles.has(role));
  if (!isNeeded) return { configuration, database: undefined };
  const database = openPglite({
    dataDirectory: join(configuration.dataDirectory, 'database'),
    seedDirectory: join(cacheDirectory, 'pglite-seed'),
  });
  // Whoever needs the database awaits it and sees the fault; until then it must not count as unhandled.
  database.catch(() => undefined);
  return { configuration, database };
}
