import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { allOnPath, isExecutable } from '../child-process/tied-child.ts';

const run = promisify(execFile);

/** An installed PostgreSQL server. */
export interface PostgresInstallation {
  /** Holds `initdb` and `postgres`. */
  readonly binDirectory: string;
  readonly majorVersion: number;
}

/** Where packages keep the server's programs: Debian and its kin leave them off `PATH`. */
const versionedParents = [
  ['/usr/lib/postgresql', 'bin'],
  ['/usr/local/opt', 'bin'],
  ['/opt/homebrew/opt', 'bin'],
] as const;

/** The newest PostgreSQL server on this machine; `undefined` when there is none. */
export async function findPostgres(
  path: string = process.env['PATH'] ?? '',
): Promise<PostgresInstallation | undefined> {
  const directories = [...allOnPath('initdb', path).map(dirname), ...packagedDirectories()];
  const complete = directories.filter((directory) =>
    ['initdb', 'postgres'].every((name) => isExecutable(join(directory, name))),
  );
  const found = await Promise.all(complete.map(installationIn));
  return found.filter((one) => one !== undefined).sort((a, b) => b.majorVersion - a.majorVersion)[0];
}

function packagedDirectories(): string[] {
  return versionedParents.flatMap(([parent, bin]) =>
    existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name, bin)) : [],
  );
}

async function installationIn(binDirectory: string): Promise<PostgresInstallation | undefined> {
  try {
    const { stdout } = await run(join(binDirectory, 'postgres'), ['--version'], { timeout: 10_000 });
    const majorVersion = Number(/(\d+)(\.\d+)?/.exec(stdout)?.[1]);
    return majorVersion > 0 ? { binDirectory, majorVersion } : undefined;
  } catch {
    // A broken installation is no installation.
    return undefined;
  }
}
