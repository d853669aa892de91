import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lockDirectory } from '../data-directory/lock.ts';
import { canUnpackDebianPackages, fetchDebianPackage, preferredSuites, type PackageSuite } from './debian-package.ts';
import { serverArchitecture, versionOf, type NatsServer } from './installed-servers.ts';
import { fetchOfficialRelease, pinnedReleases } from './official-release.ts';
import { isAtLeast, versionFloor } from './version.ts';

/** Where and how to fetch a server. */
export interface FetchNatsServerOptions {
  /** `.cache/nats-server` of the checkout: the result stays at `<version>-<arch>/nats-server`. */
  readonly cacheDirectory: string;
  readonly onProgress?: (message: string) => void;
  /** Package suites in order of preference. */
  readonly suites?: readonly PackageSuite[];
  /** The ways to try, in order; the suites and then the pinned releases by default. */
  readonly sources?: readonly FetchSource[];
  /** Bound for one download step. */
  readonly timeoutMs?: number;
  /** How long to wait for another process that is fetching. */
  readonly lockWaitMs?: number;
  /** Looked at again once it is this process's turn: another one may have fetched what is needed. */
  readonly alreadyThere?: () => Promise<NatsServer | undefined>;
}

/** What became of a fetch: a server, or why each way failed. */
export type FetchResult = { readonly server: NatsServer } | { readonly failures: readonly string[] };

/** One way to get a server: downloads below the directory it is given and answers the executable's path. */
export interface FetchSource {
  readonly label: string;
  readonly fetch: (directory: string) => Promise<string>;
}

/**
 * Fetches a nats-server into the cache. One process fetches at a time; a result appears in one rename, so nobody ever
 * sees half a server; what a killed fetch left behind is removed by the next one.
 */
export async function fetchNatsServer(options: FetchNatsServerOptions): Promise<FetchResult> {
  const lock = await lockDirectory(join(options.cacheDirectory, 'fetch'), { waitMs: options.lockWaitMs ?? 180_000 });
  try {
    const server = await options.alreadyThere?.();
    if (server !== undefined) return { server };
    removeLeftOvers(options.cacheDirectory);
    const failures: string[] = [];
    for (const source of options.sources ?? defaultSources(options)) {
      const result = await tryFetch(source, options);
      if (typeof result !== 'string') return { server: result };
      failures.push(result);
    }
    return { failures };
  } finally {
    lock.release();
  }
}

function defaultSources(options: FetchNatsServerOptions): FetchSource[] {
  const timeoutMs = options.timeoutMs ?? 120_000;
  const suites = canUnpackDebianPackages() ? (options.suites ?? preferredSuites) : [];
  const target = `${process.platform}-${serverArchitecture()}`;
  const releases = pinnedReleases.filter((release) => release.target === target);
  return [
    ...suites.map((suite) => ({
      label: suite === 'own' ? "this machine's package sources" : `Debian ${suite}`,
      fetch: (directory: string) => fetchDebianPackage(suite, directory, timeoutMs),
    })),
    ...(options.suites === undefined ? releases : []).map((release) => ({
      label: `official release ${release.version}`,
      fetch: (directory: string) => fetchOfficialRelease(release, directory, timeoutMs),
    })),
  ];
}

async function tryFetch(source: FetchSource, options: FetchNatsServerOptions): Promise<NatsServer | string> {
  const directory = mkdtempSync(join(options.cacheDirectory, 'partial-'));
  options.onProgress?.(`fetching nats-server from ${source.label}`);
  try {
    const path = await source.fetch(directory);
    const version = await versionOf(path);
    if (version === undefined) return `${source.label}: the downloaded file does not run here`;
    if (!isAtLeast(version, versionFloor)) return `${source.label}: ${version} is older than ${versionFloor}`;
    return keep(path, version, directory, options.cacheDirectory);
  } catch (error) {
    return `${source.label}: ${firstLine(error)}`;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function keep(path: string, version: string, directory: string, cacheDirectory: string): NatsServer {
  const ready = join(directory, 'ready');
  const home = join(cacheDirectory, `${version}-${serverArchitecture()}`);
  mkdirSync(ready);
  copyFileSync(path, join(ready, 'nats-server'));
  chmodSync(join(ready, 'nats-server'), 0o755);
  if (!existsSync(join(home, 'nats-server'))) renameSync(ready, home);
  return { path: join(home, 'nats-server'), version };
}

function removeLeftOvers(cacheDirectory: string): void {
  for (const name of readdirSync(cacheDirectory)) {
    if (name.startsWith('partial-')) rmSync(join(cacheDirectory, name), { recursive: true, force: true });
  }
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return (stderr || message || String(error)).trim().split('\n').slice(0, 2).join(' ');
}
