/**
 * `npm start`: a small supervisor over the event store, the nats-server, the intake process and the process with
 * everything else (`docs/architecture.md`, Processes).
 *
 * @module
 */
import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { lockDirectory } from '@perennial/embedded';
import { sqlRoles, type Configuration, type RoleName } from '../configuration/configuration.ts';
import { assertListenable } from '../roles/listen.ts';
import { lockWaitMs, startEngines, type Engines } from './engines.ts';
import type { Progress } from './progress.ts';
import { RoleProcess } from './role-process.ts';
import { removeRuntimeFile, writeRuntimeFile } from './runtime-file.ts';

/** A running Perennial. */
export type Running = {
  /** Null when this start serves no API. */
  readonly url: string | null;
  readonly kinds: Engines['kinds'];
  /** Drains the roles, then stops the engines. Safe to call twice. */
  stop(): Promise<void>;
};

/** What a start needs. */
export type SuperviseOptions = {
  readonly configuration: Configuration;
  readonly env: NodeJS.ProcessEnv;
  readonly cacheDirectory: string;
  readonly progress: Progress;
  /** Called once when a part cannot be kept running; the caller stops everything. */
  readonly onFatal: (error: Error) => void;
  /** How long the roles may take to drain. */
  readonly drainWaitMs: number;
  /** Stops a start that is under way, which then rejects. */
  readonly signal: AbortSignal;
};

/** How long a stop waits for engines that are still starting; what started them ends, and so do they. */
const engineStartWaitMs = 5_000;

/**
 * Starts every engine that is not configured and every role; answers when all of them work.
 *
 * @throws EngineError, RoleFatalError, DataDirectoryInUseError, ListenError: whatever had been started is stopped again.
 */
export async function supervise(options: SuperviseOptions): Promise<Running> {
  const { configuration, progress } = options;
  mkdirSync(configuration.dataDirectory, { recursive: true });
  const lock = await lockDirectory(configuration.dataDirectory, { waitMs: lockWaitMs });
  try {
    options.signal.throwIfAborted();
    // Once the former owner of the directory has ended, and before any engine is started in vain.
    if (configuration.roles.has('api')) await assertListenable(configuration);
  } catch (error) {
    lock.release();
    throw error;
  }
  const processes: Record<string, number> = {};
  const startedAt = new Date().toISOString();
  let announced: { readonly url: string | null; readonly engines: Engines } | undefined;
  const record = (name: string, pid: number): void => {
    processes[name] = pid;
    if (!announced) return;
    const { kinds, addresses } = announced.engines;
    writeRuntimeFile(configuration.dataDirectory, {
      pid: process.pid,
      url: announced.url,
      startedAt,
      engines: kinds,
      addresses: { eventStore: addresses.eventStoreUrl, nats: addresses.nats.url },
      processes,
    });
  };

  const roleProcesses = splitRoles(configuration.roles).map(
    ({ name, roles }) =>
      new RoleProcess({
        name,
        roles,
        configuration: { ...configuration, rolesOfStart: [...configuration.roles] },
        progress,
        onFatal: options.onFatal,
        onSpawn: (pid) => record(name, pid),
        stopWaitMs: options.drainWaitMs,
      }),
  );
  const starting = startEngines({ ...options, onSpawn: record });
  const stop = once(async () => {
    await Promise.all(roleProcesses.map((role) => role.stop()));
    const started = starting.catch(() => undefined);
    const engines = await Promise.race([started, delay(engineStartWaitMs, undefined, { ref: false })]);
    await engines?.stop();
    removeRuntimeFile(configuration.dataDirectory);
    lock.release();
  });
  // A fault while stopping is the caller's, who waits for the same promise below.
  options.signal.addEventListener('abort', () => void stop().catch(() => undefined), { once: true });
  try {
    const engines = await Promise.race([starting, rejectedOn(options.signal)]);
    const { addresses } = engines;
    const ready = await Promise.all(roleProcesses.map((role) => role.start(addresses)));
    const url = ready.find((role) => role.url !== undefined)?.url ?? null;
    announced = { url, engines };
    record('supervisor', process.pid);
    return { url, kinds: engines.kinds, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Intake runs alone, so that a busy read side never delays a payment; everything else shares one process, which owns the
 * embedded database.
 */
function splitRoles(roles: ReadonlySet<RoleName>): { name: string; roles: RoleName[] }[] {
  const others = [...roles].filter((role) => role !== 'intake');
  return [
    ...(roles.has('intake') ? [{ name: 'intake', roles: ['intake' as const] }] : []),
    ...(others.length > 0
      ? [{ name: others.some((role) => sqlRoles.has(role)) ? 'owner' : 'relay', roles: others }]
      : []),
  ];
}

function rejectedOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(new Error('the start was stopped', { cause: signal.reason }));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= action());
}
