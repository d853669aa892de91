/**
 * Checks of the machine itself.
 *
 * @module
 */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Finding } from './finding.ts';

const nodeMajorMin = 20;
const freeBytesMin = 1_000_000_000;

/** The version of Node. */
export function checkNode(version: string): Finding {
  const major = Number(version.split('.')[0]);
  return major >= nodeMajorMin
    ? { check: 'node', state: 'ok', detail: version }
    : { check: 'node', state: 'fail', detail: version, next: `Install Node ${nodeMajorMin} or newer.` };
}

/** Whether the data directory can be written, and how much room there is. */
export async function checkDataDirectory(directory: string): Promise<Finding> {
  const check = 'data directory';
  const existed = existsSync(directory);
  try {
    await mkdir(directory, { recursive: true });
    const probe = join(directory, `.doctor-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe);
    const { bavail, bsize } = await statfs(directory);
    const freeBytes = bavail * bsize;
    const detail = `${directory}, ${(freeBytes / 1e9).toFixed(1)} GB free`;
    return freeBytes < freeBytesMin
      ? { check, state: 'warn', detail, next: 'Make room, or set PERENNIAL_DATA to a larger disk.' }
      : { check, state: 'ok', detail };
  } catch (error) {
    return {
      check,
      state: 'fail',
      detail: error instanceof Error ? error.message : String(error),
      next: 'Set PERENNIAL_DATA to a directory that this user may write.',
    };
  } finally {
    if (!existed) await rm(directory, { recursive: true, force: true });
  }
}

/** Whether there is a nats-server to start; one that is missing is fetched at the first start. */
export function checkNatsServer(env: Readonly<Record<string, string | undefined>>, cacheDirectory: string): Finding {
  const check = 'nats-server';
  const configured = env['NATS_SERVER_BIN'];
  if (configured) {
    return isExecutable(configured)
      ? { check, state: 'ok', detail: `${configured} (NATS_SERVER_BIN)` }
      : {
          check,
          state: 'fail',
          detail: `NATS_SERVER_BIN is ${configured}, which is not executable`,
          next: 'Set NATS_SERVER_BIN to a nats-server, or leave it out.',
        };
  }
  const candidates = (env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'nats-server'));
  const found = [...cached(cacheDirectory), ...candidates].find(isExecutable);
  return found === undefined
    ? {
        check,
        state: 'warn',
        detail: 'none on PATH or in the cache',
        next: 'The first start fetches one, which needs the network; or set NATS_SERVER_BIN or NATS_URL.',
      }
    : { check, state: 'ok', detail: found };
}

function cached(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('nats-server'))
    .map((path) => join(directory, path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return dirname(path) !== path;
  } catch {
    return false;
  }
}
