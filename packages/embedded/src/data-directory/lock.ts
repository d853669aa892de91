import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DataDirectoryInUseError } from '../engine-error.ts';
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts';

/** Ownership of a directory by this process; it ends with `release` or with the process. */
export interface DirectoryLock {
  readonly directory: string;
  /** Gives the directory back. Safe to call twice. */
  readonly release: () => void;
}

/** How to wait for a directory. */
export interface LockDirectoryOptions {
  /** How long a former owner may take to end before the directory counts as in use (0: do not wait). */
  readonly waitMs?: number;
  /** Names a left-over process that still uses the directory although its owner is gone. */
  readonly leftOver?: () => number | undefined;
}

interface OwnerRecord extends ProcessIdentity {
  readonly released?: boolean;
}

const pollMs = 20;

/**
 * Makes this process the only owner of a directory (created when missing).
 *
 * Owners are numbered files, `owner-<n>.json`, and the highest number rules. Taking over from a dead owner means
 * creating the next number, which only one process can do; nothing is ever removed that a slower process could mistake
 * for a free directory. A killed owner needs no cleaning up.
 *
 * @throws DataDirectoryInUseError when another process still owns it after `waitMs`.
 */
export async function lockDirectory(directory: string, options: LockDirectoryOptions = {}): Promise<DirectoryLock> {
  mkdirSync(directory, { recursive: true });
  const deadline = performance.now() + (options.waitMs ?? 0);
  for (;;) {
    const attempt = tryLock(directory);
    const blocker = 'release' in attempt ? options.leftOver?.() : attempt.ownerPid;
    if ('release' in attempt) {
      if (blocker === undefined) return attempt;
      attempt.release();
    }
    if (performance.now() >= deadline) throw new DataDirectoryInUseError(directory, blocker ?? process.pid);
    await delay(pollMs);
  }
}

function tryLock(directory: string): DirectoryLock | { ownerPid: number } {
  const last = lastOwner(directory);
  if (last !== undefined && !last.record.released && isRunning(last.record)) return { ownerPid: last.record.pid };
  const number = (last?.number ?? 0) + 1;
  const path = ownerPath(directory, number);
  if (!createOnce(path, identityOf(process.pid))) return { ownerPid: lastOwner(directory)?.record.pid ?? process.pid };
  const ruling = lastOwner(directory);
  if (ruling !== undefined && ruling.number > number) {
    rmSync(path, { force: true });
    return { ownerPid: ruling.record.pid };
  }
  removeOlder(directory, number);
  return { directory, release: once(() => replace(path, { ...identityOf(process.pid), released: true })) };
}

function ownerPath(directory: string, number: number): string {
  return join(directory, `owner-${number}.json`);
}

function ownerNumbers(directory: string): number[] {
  return readdirSync(directory).flatMap((name) => {
    const match = /^owner-(\d+)\.json$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
}

function lastOwner(directory: string): { number: number; record: OwnerRecord } | undefined {
  const number = Math.max(0, ...ownerNumbers(directory));
  if (number === 0) return undefined;
  try {
    const record = JSON.parse(readFileSync(ownerPath(directory, number), 'utf8')) as OwnerRecord;
    return { number, record };
  } catch (error) {
    // Overtaken between listing and reading: a higher number stands there by now.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return lastOwner(directory);
    throw error;
  }
}

/** A hard link appears with its whole content or not at all, and fails when the name is taken. */
function createOnce(path: string, record: OwnerRecord): boolean {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(record));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function replace(path: string, record: OwnerRecord): void {
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, JSON.stringify(record));
    renameSync(draft, path);
  } catch (error) {
    // Whoever removed the whole directory has released it too.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function removeOlder(directory: string, number: number): void {
  for (const older of ownerNumbers(directory)) {
    if (older < number) rmSync(ownerPath(directory, older), { force: true });
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
