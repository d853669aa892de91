import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { lockDirectory } from '../data-directory/lock.ts';

const seedAttemptCountMax = 3;

/** Where the seed of a new database is kept, and for how long to wait for another process that is making it. */
export interface SeedOptions {
  /** `.cache/pglite-seed` of the checkout. */
  readonly seedDirectory: string;
  /** Creating a database takes some seconds; whoever comes second waits for it. */
  readonly seedWaitMs?: number;
  /** What a new database is to hold; asked for only when one is made. By default nothing. */
  readonly seedContent?: () => Promise<SeedContent>;
}

/** What a new database holds from the beginning. */
export interface SeedContent {
  /** Another one whenever `fill` would make something else; part of a file name. */
  readonly key: string;
  /** Fills an empty database. */
  readonly fill: (database: PGlite) => Promise<void>;
}

/**
 * Fills `target` with a freshly initialised database, copied from a seed that is made once per PGlite version and content.
 * Copying takes 0.1 to 0.3 s; unpacking PGlite's own tarball 1 s and more, creating a database 3 s and more.
 */
export async function plantSeed(target: string, options: SeedOptions): Promise<void> {
  const content = await options.seedContent?.();
  const seed = join(options.seedDirectory, [pgliteVersion(), ...(content ? [content.key] : [])].join('-'));
  if (!existsSync(seed)) await createSeed(seed, options, content);
  cpSync(seed, target, { recursive: true });
}

/** The seed appears whole, in one rename; what a killed process left behind is removed by the next one. */
async function createSeed(seed: string, options: SeedOptions, content: SeedContent | undefined): Promise<void> {
  const directory = options.seedDirectory;
  const lock = await lockDirectory(join(directory, 'create'), { waitMs: options.seedWaitMs ?? 120_000 });
  try {
    if (existsSync(seed)) return;
    for (const name of readdirSync(directory)) {
      if (name.startsWith('partial-')) rmSync(join(directory, name), { recursive: true, force: true });
    }
    await makeSeed(seed, directory, content);
  } finally {
    lock.release();
  }
}

/** PGlite was seen to miss a directory that it had just made, on a busy machine: a further attempt in a new place works. */
async function makeSeed(seed: string, directory: string, content: SeedContent | undefined): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const partial = mkdtempSync(join(directory, 'partial-'));
    try {
      const { PGlite } = await import('@electric-sql/pglite');
      const database = await PGlite.create({ dataDir: join(partial, 'pgdata') });
      await content?.fill(database);
      await database.close();
      renameSync(join(partial, 'pgdata'), seed);
      return;
    } catch (error) {
      if (attempt === seedAttemptCountMax) throw error;
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
}

/** The version that is installed: a new one may lay its files out otherwise. */
function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '../package.json'), 'utf8')) as { version: string };
  return version;
}
