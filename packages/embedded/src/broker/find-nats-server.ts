import { resolve } from 'node:path';
import { EngineError } from '../engine-error.ts';
import type { PackageSuite } from './debian-package.ts';
import { fetchNatsServer } from './fetch-nats-server.ts';
import { configuredServer, newestInstalled, type NatsServer } from './installed-servers.ts';
import { versionFloor } from './version.ts';

/** Where to look for a nats-server. */
export interface FindNatsServerOptions {
  /** The environment: `NATS_SERVER_BIN` and `PATH` are read. */
  readonly env: NodeJS.ProcessEnv;
  /** The checkout's `.cache/nats-server`. */
  readonly cacheDirectory: string;
  /** Told what is going on when it takes longer than a look-up. */
  readonly onProgress?: (message: string) => void;
  /** Package suites in order of preference, when one has to be fetched. */
  readonly suites?: readonly PackageSuite[];
}

/**
 * Finds a nats-server: `NATS_SERVER_BIN`, else the newest on `PATH` or in the cache, else fetched once into the cache.
 *
 * @throws EngineError NATS_SERVER_BIN_INVALID, NATS_SERVER_TOO_OLD, NATS_SERVER_NOT_FOUND
 * @example
 * const server = await findNatsServer({ env: process.env, cacheDirectory: '.cache/nats-server' });
 */
export async function findNatsServer(options: FindNatsServerOptions): Promise<NatsServer> {
  const configured = options.env['NATS_SERVER_BIN'];
  if (configured) return configuredServer(resolve(configured));
  const cacheDirectory = resolve(options.cacheDirectory);
  const look = () => newestInstalled(options.env['PATH'] ?? '', cacheDirectory);
  const installed = await look();
  if (installed !== undefined) return installed;
  const result = await fetchNatsServer({
    cacheDirectory,
    alreadyThere: look,
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    ...(options.suites ? { suites: options.suites } : {}),
  });
  if ('server' in result) return result.server;
  throw new EngineError(
    'NATS_SERVER_NOT_FOUND',
    `No nats-server ${versionFloor} or newer was found on PATH, and none could be fetched. ` +
      'Set NATS_SERVER_BIN to an executable, or NATS_URL to a running server. ' +
      `Tried: ${result.failures.join('; ') || 'no package source fits this machine'}.`,
  );
}
