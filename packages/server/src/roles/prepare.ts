import { join } from 'node:path';
import { openPglite, type EmbeddedDatabase, type SeedContent } from '@perennial/embedded';
import type { PgliteDatabase } from '@perennial/projections';
import { sqlRoles } from '../configuration/configuration.ts';
import { cacheDirectory } from './cache-directory.ts';
import type { PortableConfiguration } from './messages.ts';
import type * as OwnerParts from './owner-parts.ts';

/** What a role process has begun while the engines start. */
export type Prepared = {
  readonly configuration: PortableConfiguration;
  /** The embedded database, being opened; undefined when another one is configured, or no role here needs it. */
  readonly database: Promise<EmbeddedDatabase> | undefined;
  /** The modules of every role but intake, being loaded; undefined in a process that is intake alone. */
  readonly ownerParts: Promise<typeof OwnerParts> | undefined;
};

/** Begins what needs no engine: opening the embedded database takes longest of all. */
export function prepareProcess(configuration: PortableConfiguration): Prepared {
  const { roles } = configuration;
  // Intake would load the API, the read side and the questions of auditors for nothing: a fourth of its start.
  const ownerParts = roles.some((role) => role !== 'intake') ? import('./owner-parts.ts') : undefined;
  const isDatabaseNeeded = configuration.databaseUrl === null && roles.some((role) => sqlRoles.has(role));
  const database = isDatabaseNeeded ? openDatabase(configuration) : undefined;
  // Whoever needs them awaits them and sees the fault; until then it must not count as unhandled.
  ownerParts?.catch(() => undefined);
  database?.catch(() => undefined);
  return { configuration, database, ownerParts };
}

function openDatabase({ dataDirectory, roles }: PortableConfiguration): Promise<EmbeddedDatabase> {
  return openPglite({
    dataDirectory: join(dataDirectory, 'database'),
    seedDirectory: join(cacheDirectory, 'pglite-seed'),
    ...(roles.includes('projections') && { seedContent: emptyReadModels }),
  });
}

/** Making the tables costs a first start more than copying them with the rest of the seed: a second of the processor. */
async function emptyReadModels(): Promise<SeedContent> {
  const { createReadModels, openSql, readModelsKey } = await import('@perennial/projections');
  const fill = async (pglite: PgliteDatabase): Promise<void> => {
    const sql = await openSql({ pglite });
    await createReadModels(sql);
    await sql.close();
  };
  return { key: readModelsKey(), fill };
}
