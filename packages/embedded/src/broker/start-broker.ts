import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnTied, type ChildExit, type TiedChild } from '../child-process/tied-child.ts';
import { lockDirectory } from '../data-directory/lock.ts';
import { isRunning } from '../data-directory/process-identity.ts';
import { EngineError } from '../engine-error.ts';
import { brokerConfig, canSyncAlways } from './config.ts';
import { isHealthy, readPorts, removePortsFiles, type ServerPorts } from './readiness.ts';
import { compareVersions } from './version.ts';

/** How to run the broker. */
export interface StartBrokerOptions {
  /** The executable, and its version, as `findNatsServer` answered them. */
  readonly binary: string;
  readonly version: string;
  /** Everything the broker writes stays below it; one owner at a time. */
  readonly dataDirectory: string;
  /** A fixed port; any free one by default. */
  readonly port?: number;
  /** Called once when the server ended without `stop` or `kill`. */
  readonly onExit?: (exit: ChildExit) => void;
  readonly logger?: { warn(message: string): void };
  /** How long a former owner of the directory may take to end. */
  readonly lockWaitMs?: number;
  /** How long the server may take to recover its streams. */
  readonly readyWaitMs?: number;
  /** How long a stop may take before the server is killed. */
  readonly stopWaitMs?: number;
  /** Bound of everything all streams may hold. */
  readonly storageMaxBytes?: number;
  /** `pipe` forces the portable way of ending the server with this process. */
  readonly tie?: 'auto' | 'pipe';
}

/** A running nats-server with JetStream. */
export interface EmbeddedBroker {
  /** `nats://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  /** Base URL of the monitoring endpoints, loopback only. */
  readonly monitoringUrl: string;
  /** Whether every message is on disk before its acknowledgement. */
  readonly syncAlways: boolean;
  /** Settles when the server has ended, for whatever reason. */
  readonly exited: Promise<ChildExit>;
  /** Ends it in order (SIGTERM, then SIGKILL after `stopWaitMs`) and gives the directory back. */
  readonly stop: () => Promise<void>;
  /** Ends it at once with SIGKILL. */
  readonly kill: () => Promise<void>;
}

const pollMs = 5;

/**
 * Starts a nats-server as a child that ends with this process and answers when JetStream is ready.
 *
 * @throws EngineError DATA_DIRECTORY_IN_USE, BROKER_START_FAILED
 */
export async function startBroker(options: StartBrokerOptions): Promise<EmbeddedBroker> {
  const paths = layout(resolve(options.dataDirectory));
  const lock = await lockDirectory(paths.data, {
    waitMs: options.lockWaitMs ?? 10_000,
    leftOver: () => leftOverServer(paths),
  });
  try {
    const child = launch(options, paths);
    void child.exited.then(() => lock.release());
    const ports = await untilReady(child, options, paths);
    return runningBroker(child, ports, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Layout {
  readonly data: string;
  readonly store: string;
  readonly run: string;
  readonly config: string;
  readonly pid: string;
  readonly log: string;
  readonly output: string;
  readonly version: string;
}

function layout(data: string): Layout {
  const run = join(data, 'run');
  return {
    data,
    store: join(data, 'store'),
    run,
    config: join(run, 'nats-server.conf'),
    pid: join(run, 'nats-server.pid'),
    log: join(data, 'nats-server.log'),
    output: join(run, 'output.log'),
    version: join(data, 'version'),
  };
}

/** A server whose parent was killed still writes to the store for a moment: it counts as an owner until it has ended. */
function leftOverServer(paths: Layout): number | undefined {
  if (!existsSync(paths.pid)) return undefined;
  const pid = Number(readFileSync(paths.pid, 'utf8').trim());
  if (!(pid > 0) || !isRunning({ pid })) return undefined;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(paths.config) ? pid : undefined;
  } catch {
    // No process table to ask (or it ended just now): the process id alone has to do.
    return isRunning({ pid }) ? pid : undefined;
  }
}

function launch(options: StartBrokerOptions, paths: Layout): TiedChild {
  mkdirSync(paths.run, { recursive: true });
  removePortsFiles(paths.run);
  warnOfDowngrade(options, paths);
  writeFileSync(
    paths.config,
    brokerConfig({
      version: options.version,
      port: options.port ?? -1,
      storeDirectory: paths.store,
      runDirectory: paths.run,
      pidFile: paths.pid,
      logFile: paths.log,
      storageMaxBytes: options.storageMaxBytes ?? 20 * 1024 ** 3,
    }),
  );
  const outputFd = openSync(paths.output, 'w');
  try {
    return spawnTied({
      command: resolve(options.binary),
      args: ['-c', paths.config],
      cwd: paths.data,
      outputFd,
      deathSignal: 'TERM',
      tie: options.tie ?? 'auto',
    });
  } finally {
    closeSync(outputFd);
  }
}

function warnOfDowngrade(options: StartBrokerOptions, paths: Layout): void {
  const former = existsSync(paths.version) ? readFileSync(paths.version, 'utf8').trim() : options.version;
  if (compareVersions(options.version, former) < 0) {
    options.logger?.warn(
      `The broker's data was last written by nats-server ${former}; this is ${options.version}. ` +
        'An older server may not read what a newer one wrote: set NATS_SERVER_BIN to the newer one.',
    );
  }
  writeFileSync(paths.version, options.version);
}

async function untilReady(child: TiedChild, options: StartBrokerOptions, paths: Layout): Promise<ServerPorts> {
  const readyWaitMs = options.readyWaitMs ?? 60_000;
  const deadline = performance.now() + readyWaitMs;
  while (child.ended === undefined && performance.now() < deadline) {
    const ports = readPorts(paths.run);
    if (ports !== undefined && (await isHealthy(ports.monitoringUrl, 1_000))) return ports;
    await delay(pollMs);
  }
  const { ended } = child;
  const what = ended ? `ended with ${ended.signal ?? ended.code}` : `was not ready after ${readyWaitMs} ms`;
  if (ended === undefined) await child.end('SIGTERM', options.stopWaitMs ?? 10_000);
  throw new EngineError(
    'BROKER_START_FAILED',
    `nats-server ${options.version} (${options.binary}) ${what}. Its last words: ${lastWords(paths) || 'none'}`,
  );
}

function lastWords(paths: Layout): string {
  const texts = [paths.output, paths.log].filter(existsSync).map((path) => readFileSync(path, 'utf8').trim());
  return texts
    .filter((text) => text !== '')
    .map((text) => text.split('\n').slice(-3).join(' | '))
    .join(' | ');
}

function runningBroker(child: TiedChild, ports: ServerPorts, options: StartBrokerOptions): EmbeddedBroker {
  let expected = false;
  const reportUnexpectedEnd = async (): Promise<void> => {
    const exit = await child.exited;
    if (!expected) options.onExit?.(exit);
  };
  void reportUnexpectedEnd();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    expected = true;
    await child.end(signal, options.stopWaitMs ?? 10_000);
  };
  return {
    url: ports.url,
    port: Number(new URL(ports.url).port),
    pid: ports.pid,
    version: options.version,
    monitoringUrl: ports.monitoringUrl,
    syncAlways: canSyncAlways(options.version),
    exited: child.exited,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
