import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { lockDirectory } from '../data-directory/lock.ts';
import { EngineError } from '../engine-error.ts';
import { plantSeed, type SeedContent } from './seed.ts';

/** Where the embedded database lives. */
export interface OpenPgliteOptions {
  /** The database's own directory; one process at a time. */
  readonly dataDirectory: string;
  /** `.cache/pglite-seed` of the checkout. */
  readonly seedDirectory: string;
  /** How long a former owner of the directory may take to end. */
  readonly lockWaitMs?: number;
  /** How long to wait for another process that is making the seed. */
  readonly seedWaitMs?: number;
  /** What a database that is made here holds from the beginning; one that is there already stays what it is. */
  readonly seedContent?: () => Promise<SeedContent>;
}

/** An open database; `close` it here, so that the directory becomes free again. */
export interface EmbeddedDatabase {
  /** int8 arrives as a number (exact below 2^53), date as `YYYY-MM-DD`. */
  readonly database: PGlite;
  readonly close: () => Promise<void>;
}

/**
 * Opens the embedded PostgreSQL. PGlite itself lets two processes open one directory and then loses the rows of one, so
 * the directory has an owner of ours.
 *
 * PGlite does not sync to disk: what it holds has to be rebuildable.
 *
 * @throws EngineError DATA_DIRECTORY_IN_USE, DATABASE_OPEN_FAILED
 */
export async function openPglite(options: OpenPgliteOptions): Promise<EmbeddedDatabase> {
  const directory = resolve(options.dataDirectory);
  const lock = await lockDirectory(directory, { waitMs: options.lockWaitMs ?? 10_000 });
  try {
    const database = await open(directory, options);
    const close = async (): Promise<void> => {
      try {
        if (!database.closed) await database.close();
      } finally {
        lock.release();
      }
    };
    return { database, close };
  } catch (error) {
    lock.release();
    throw new EngineError(
      'DATABASE_OPEN_FAILED',
      `The embedded database in ${directory} could not be opened: ${(error as Error).message}. ` +
        'It holds nothing that cannot be rebuilt: remove the directory and start again.',
      { cause: error },
    );
  }
}

async function open(directory: string, options: OpenPgliteOptions): Promise<PGlite> {
  const { PGlite, types } = await import('@electric-sql/pglite');
  const dataDir = join(directory, 'pgdata');
  const complete = join(directory, 'complete');
  const parsers = { [types.INT8]: Number, [types.DATE]: (text: string) => text };
  if (existsSync(complete)) return PGlite.create({ dataDir, parsers });
  // Without the mark, whoever began this directory was killed before it held a whole database.
  rmSync(dataDir, { recursive: true, force: true });
  await plantSeed(dataDir, { ...options, seedDirectory: resolve(options.seedDirectory) });
  const database = await PGlite.create({ dataDir, parsers });
  writeFileSync(complete, '');
  return database;
}
