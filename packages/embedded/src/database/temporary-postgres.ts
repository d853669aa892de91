import { execFile } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { spawnTied, type TiedChild } from '../child-process/tied-child.ts';
import { EngineError } from '../engine-error.ts';
import { findPostgres, type PostgresInstallation } from './find-postgres.ts';
import { handOver, unprivilegedUser, type SystemUser } from './unprivileged-user.ts';

const run = promisify(execFile);

/** How to run a PostgreSQL for a test. */
export interface TemporaryPostgresOptions {
  /** Created when missing; the cluster and its socket live below it. The caller removes it. */
  readonly directory: string;
  /** The server to use; the newest installed one by default. */
  readonly installation?: PostgresInstallation;
  /** Server settings, e.g. `{ fsync: 'off' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly readyWaitMs?: number;
  readonly stopWaitMs?: number;
}

/** A running PostgreSQL, for tests. */
export interface TemporaryPostgres {
  /** `postgres://postgres@127.0.0.1:<port>/postgres`, no password. */
  readonly url: string;
  readonly majorVersion: number;
  /** Fast shutdown. */
  readonly stop: () => Promise<void>;
}

const pollMs = 20;

/**
 * Creates a cluster and starts it on a free loopback port, as an unprivileged user when this process is root, tied to
 * this process.
 *
 * @throws EngineError POSTGRES_NOT_FOUND, POSTGRES_START_FAILED
 */
export async function startTemporaryPostgres(options: TemporaryPostgresOptions): Promise<TemporaryPostgres> {
  const installation = options.installation ?? (await findPostgres());
  if (installation === undefined) {
    throw new EngineError(
      'POSTGRES_NOT_FOUND',
      'No PostgreSQL server is installed here. Install one, or set DATABASE_URL.',
    );
  }
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true });
  const user = unprivilegedUser();
  if (user) handOver(directory, user);
  await createCluster(installation, directory, user);
  const port = await freePort();
  const child = launch({ installation, directory, port, user, settings: options.settings ?? {} });
  await untilReady(child, port, options, directory);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    majorVersion: installation.majorVersion,
    stop: async () => {
      await child.end('SIGINT', options.stopWaitMs ?? 10_000);
    },
  };
}

async function createCluster(
  installation: PostgresInstallation,
  directory: string,
  user: SystemUser | undefined,
): Promise<void> {
  const args = ['-D', join(directory, 'cluster'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'];
  const identity = user ? { uid: user.uid, gid: user.gid } : {};
  try {
    await run(join(installation.binDirectory, 'initdb'), args, { cwd: directory, timeout: 60_000, ...identity });
  } catch (error) {
    throw new EngineError('POSTGRES_START_FAILED', `initdb failed: ${(error as Error).message}`, { cause: error });
  }
}

function launch(cluster: {
  installation: PostgresInstallation;
  directory: string;
  port: number;
  user: SystemUser | undefined;
  settings: Readonly<Record<string, string>>;
}): TiedChild {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(cluster.port),
    // A socket's path may not be longer than 107 bytes; TCP is all that is used.
    unix_socket_directories: cluster.directory.length < 80 ? cluster.directory : '',
    ...cluster.settings,
  };
  const outputFd = openSync(join(cluster.directory, 'postgres.log'), 'a');
  try {
    return spawnTied({
      command: join(cluster.installation.binDirectory, 'postgres'),
      args: [
        '-D',
        join(cluster.directory, 'cluster'),
        ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`]),
      ],
      cwd: cluster.directory,
      outputFd,
      deathSignal: 'INT',
      ...(cluster.user ? { user: cluster.user } : {}),
    });
  } finally {
    closeSync(outputFd);
  }
}

async function untilReady(
  child: TiedChild,
  port: number,
  options: TemporaryPostgresOptions,
  directory: string,
): Promise<void> {
  const readyWaitMs = options.readyWaitMs ?? 30_000;
  const deadline = performance.now() + readyWaitMs;
  while (child.ended === undefined && performance.now() < deadline) {
    if ((await accepts(port)) && readyInLog(directory)) return;
    await delay(pollMs);
  }
  if (child.ended === undefined) await child.end('SIGINT', options.stopWaitMs ?? 10_000);
  const log = readFileSync(join(directory, 'postgres.log'), 'utf8').trim().split('\n').slice(-3).join(' | ');
  throw new EngineError('POSTGRES_START_FAILED', `PostgreSQL was not ready after ${readyWaitMs} ms: ${log}`);
}

/** The port opens before recovery is over; the log says when queries are welcome. */
function readyInLog(directory: string): boolean {
  return readFileSync(join(directory, 'postgres.log'), 'utf8').includes('ready to accept connections');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
