import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
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
  /** Every content has a seed of its own, of some 40 MB: when one is made, the least used beyond these go. Default 3. */
  readonly seedCountMax?: number;
  /** How long a seed stays at least after its use began. Copying it takes less than a second. Default 10 min. */
  readonly seedIdleMs?: number;
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
  await keepSeed(seed, options, content);
  cpSync(seed, target, { recursive: true });
}

/**
 * Makes sure that there is a seed, and that nobody removes it while it is copied. Its time of modification says when it was
 * used. Seeds are removed, and old ones brought into use again, by the owner of the lock alone; one in use is copied without.
 */
async function keepSeed(seed: string, options: SeedOptions, content: SeedContent | undefined): Promise<void> {
  const directory = options.seedDirectory;
  const { seedIdleMs = 600_000, seedCountMax = 3, seedWaitMs = 120_000 } = options;
  // Half of the time is left for copying it. Where nothing can be written, nothing is removed either.
  if (unusedMs(seed) < seedIdleMs / 2 || (existsSync(seed) && !isWritable(directory))) return;
  const lock = await lockDirectory(join(directory, 'create'), { waitMs: seedWaitMs });
  try {
    if (existsSync(seed)) return utimesSync(seed, new Date(), new Date());
    removeLeftOvers(directory);
    await makeSeed(seed, directory, content);
    removeUnused(directory, { seedIdleMs, seedCountMax });
  } finally {
    lock.release();
  }
}

/** What a process left behind that was killed while it made or removed a seed. */
function removeLeftOvers(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name.startsWith('partial-')) rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** A seed goes in one rename, as it came. */
function removeUnused(
  directory: string,
  { seedIdleMs, seedCountMax }: Required<Pick<SeedOptions, 'seedIdleMs' | 'seedCountMax'>>,
): void {
  const seeds = readdirSync(directory)
    .map((name) => join(directory, name))
    .filter((path) => existsSync(join(path, 'PG_VERSION')))
    .sort((one, other) => unusedMs(one) - unusedMs(other));
  for (const seed of seeds.slice(seedCountMax)) {
    if (unusedMs(seed) < seedIdleMs) continue;
    const partial = mkdtempSync(join(directory, 'partial-'));
    renameSync(seed, join(partial, 'pgdata'));
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Infinite where there is none. */
function unusedMs(seed: string): number {
  return Date.now() - (statSync(seed, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity);
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
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
      // It appears whole, in one rename.
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
