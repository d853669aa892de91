import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { allOnPath, isExecutable } from '../child-process/tied-child.ts';
import { EngineError } from '../engine-error.ts';
import { compareVersions, isAtLeast, parseVersion, versionFloor } from './version.ts';

const run = promisify(execFile);

/** A nats-server that can be run on this machine. */
export interface NatsServer {
  /** Absolute path of the executable. */
  readonly path: string;
  /** `major.minor.patch`. */
  readonly version: string;
}

/** This machine's architecture as NATS and Debian spell it. */
export function serverArchitecture(architecture: string = process.arch): string {
  return architecture === 'x64' ? 'amd64' : architecture;
}

/** Asks an executable for its version; `undefined` when it is no working nats-server. */
export async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 10_000 });
    return stdout.includes('nats-server') ? parseVersion(stdout) : undefined;
  } catch {
    // A stale, foreign or half-deleted file is no candidate; the search goes on without it.
    return undefined;
  }
}

/**
 * The server `NATS_SERVER_BIN` names. What a person configured is taken or refused, never silently replaced.
 *
 * @throws EngineError NATS_SERVER_BIN_INVALID, NATS_SERVER_TOO_OLD
 */
export async function configuredServer(path: string): Promise<NatsServer> {
  if (!isExecutable(path)) throw invalid(path, existsSync(path) ? 'is not executable' : 'does not exist');
  const version = await versionOf(path);
  if (version === undefined) throw invalid(path, 'does not answer `--version` as a nats-server does');
  if (!isAtLeast(version, versionFloor)) {
    throw new EngineError(
      'NATS_SERVER_TOO_OLD',
      `NATS_SERVER_BIN (${path}) is nats-server ${version}; ${versionFloor} or newer is needed.`,
    );
  }
  return { path, version };
}

function invalid(path: string, what: string): EngineError {
  return new EngineError(
    'NATS_SERVER_BIN_INVALID',
    `NATS_SERVER_BIN names ${path}, which ${what}. Correct it, or unset it to let a server be found.`,
  );
}

/** The newest usable server on `PATH` or in the cache; the place that is named first wins among equals. */
export async function newestInstalled(path: string, cacheDirectory: string): Promise<NatsServer | undefined> {
  const candidates = [...allOnPath('nats-server', path), ...cachedPaths(cacheDirectory)];
  const servers = await Promise.all(
    candidates.map(async (path) => ({ path, version: (await versionOf(path)) ?? '0.0.0' })),
  );
  const usable = servers.filter(({ version }) => isAtLeast(version, versionFloor));
  return usable.sort((a, b) => compareVersions(b.version, a.version))[0];
}

function cachedPaths(cacheDirectory: string): string[] {
  if (!existsSync(cacheDirectory)) return [];
  return readdirSync(cacheDirectory)
    .filter((name) => new RegExp(`^\\d+\\.\\d+\\.\\d+-${serverArchitecture()}$`).test(name))
    .map((name) => join(cacheDirectory, name, 'nats-server'))
    .filter(isExecutable);
}
