import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedEventStoreError, systemCodeOf } from '../errors.ts';

const RETRY_MS = 50;
const PID_FILE = 'server.pid';

/** Ownership of a data directory, until released or the process ends in whatever way. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Takes a data directory for this process alone. The lock is a listening socket whose name is derived from the
 * directory: the operating system gives it to one process and takes it back when that process ends, even by SIGKILL,
 * so there is no stale lock to recognise. A former owner that is still ending is waited for; then
 * DATA_DIRECTORY_IN_USE. The pid file only tells people who the owner is.
 */
export async function lockDirectory(directory: string, waitMs: number): Promise<DirectoryLock> {
  const path = socketPath(directory);
  const deadline = performance.now() + waitMs;
  for (;;) {
    const server = await listen(path);
    if (server) {
      writeFileSync(join(directory, PID_FILE), `${process.pid}\n`);
      return { release: () => new Promise((resolve) => server.close(() => resolve())) };
    }
    if (performance.now() >= deadline) throw inUse(directory);
    await delay(RETRY_MS);
  }
}

function socketPath(directory: string): string {
  // Device and inode are the same by whatever path the directory was reached.
  const { dev, ino } = statSync(directory);
  const name = `perennial-event-store-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 24)}`;
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

/** The listening server, or undefined when another process has the name. */
async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  const error = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen({ path }, () => resolve(undefined));
  });
  if (!error) return server.unref();
  if (systemCodeOf(error) !== 'EADDRINUSE') throw error;
  // Where the name is a file it outlives a killed owner; then nobody answers there.
  if (path.endsWith('.sock') && !(await answers(path))) rmSync(path, { force: true });
  return undefined;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path }, () => resolve(true));
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
  });
}

function inUse(directory: string): EmbeddedEventStoreError {
  return new EmbeddedEventStoreError(
    'DATA_DIRECTORY_IN_USE',
    `The event store's data directory ${directory} is in use by process ${ownerPid(directory)}; stop that process or choose another directory.`,
  );
}

function ownerPid(directory: string): string {
  try {
    return readFileSync(join(directory, PID_FILE), 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
