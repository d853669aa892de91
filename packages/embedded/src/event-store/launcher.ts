import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DataDirectoryInUseError, EngineError, type EventStoreErrorCode } from '../engine-error.ts';
import type { ChildMessage } from './main.ts';
import type { TransportName } from './server.ts';

/** How to start the embedded event store. */
export interface EventStoreOptions {
  /** Created when missing. One process at a time may own it. */
  dataDirectory: string;
  /** Loopback port; 0, the default, takes any free one. */
  port?: number;
  /** How long a former owner of the data directory may take to end; 10 s by default. */
  lockWaitMs?: number;
  /** Largest append in bytes; 1 MiB by default, the strictest limit a production server has. */
  appendBytesMax?: number;
  /** What carries the calls; `http2` by default, or gRPC's own library. */
  transport?: TransportName;
  /** How long the process may take to be ready, the wait for the lock not counted; 20 s by default. */
  startTimeoutMs?: number;
  /** How long a stop may take before the process is killed; 5 s by default. */
  stopTimeoutMs?: number;
  /** Called once when the process has ended, asked to or not. */
  onExit?: (exit: ProcessExit) => void;
  /** Told what the process prints. */
  logger?: { warn(message: string): void };
}

/** How a process ended. */
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running embedded event store. */
export interface RunningEventStore {
  /** Connection string for the client. */
  url: string;
  port: number;
  pid: number;
  /** Ends open calls as cancelled, waits until accepted appends are durable, and resolves when the process is gone. */
  stop(): Promise<void>;
  /** Ends the process at once, as a crash would. */
  kill(): void;
  exited: Promise<ProcessExit>;
}

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const OUTPUT_KEPT_MAX = 4096;

/**
 * Starts the embedded event store in a process of its own and resolves when it answers. The process is in a process
 * group of its own, so a terminal's signal does not reach it, and ends by itself when this process is gone.
 *
 * Rejects with an {@link EngineError}: DATA_DIRECTORY_IN_USE, DATA_DIRECTORY_UNUSABLE, DATA_FILE_DAMAGED, PORT_IN_USE,
 * EVENT_STORE_START_FAILED.
 *
 * @example
 * const eventStore = await startEventStore({ dataDirectory: '.perennial/event-store' });
 * const client = EventStoreDBClient.connectionString(eventStore.url);
 */
export async function startEventStore(options: EventStoreOptions): Promise<RunningEventStore> {
  const { lockWaitMs = 10_000, startTimeoutMs = 20_000, stopTimeoutMs = 5000 } = options;
  const child = fork(MAIN, argumentsOf(options, lockWaitMs), {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const printed = collectOutput(child, options.logger);
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  void exited.then((exit) => options.onExit?.(exit));
  const { port, pid } = await ready(child, options.dataDirectory, printed, lockWaitMs + startTimeoutMs);
  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    port,
    pid,
    exited,
    kill: () => void child.kill('SIGKILL'),
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function argumentsOf(options: EventStoreOptions, lockWaitMs: number): string[] {
  const { dataDirectory, port = 0, appendBytesMax, transport } = options;
  const given = {
    data: dataDirectory,
    port,
    'lock-wait-ms': lockWaitMs,
    'append-bytes-max': appendBytesMax,
    transport,
  };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
}

function ready(
  child: ChildProcess,
  dataDirectory: string,
  printed: () => string,
  timeoutMs: number,
): Promise<{ port: number; pid: number }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        failure(
          'EVENT_STORE_START_FAILED',
          `The event store was not ready after ${timeoutMs} ms and was ended; start it again.`,
        ),
      );
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(
        failure('EVENT_STORE_START_FAILED', `The event store's process could not be started: ${error.message}.`, error),
      );
    });
    child.once('message', (message: ChildMessage) => {
      clearTimeout(timer);
      if (message.kind === 'ready' && child.pid !== undefined) resolve({ port: message.port, pid: child.pid });
      else if (message.kind === 'failed') reject(failureOf(message, dataDirectory));
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(endedEarly(signal ?? `code ${code}`, signal, printed()));
    });
  });
}

/** The child's error, made again in this process. */
function failureOf(message: Extract<ChildMessage, { kind: 'failed' }>, dataDirectory: string): EngineError {
  return message.ownerPid === undefined
    ? new EngineError(message.code, message.message)
    : new DataDirectoryInUseError(dataDirectory, message.ownerPid);
}

/** A memory-mapped file that is cut off or overwritten makes the system end the process that reads it. */
function endedEarly(how: string, signal: NodeJS.Signals | null, output: string): EngineError {
  if (signal === 'SIGBUS' || signal === 'SIGSEGV' || signal === 'SIGABRT') {
    return failure(
      'DATA_FILE_DAMAGED',
      `The event store's process ended with ${signal} while it opened its data file, which is probably damaged; restore it from a backup.`,
    );
  }
  return failure(
    'EVENT_STORE_START_FAILED',
    `The event store's process ended with ${how} before it was ready. ${output}`.trim(),
  );
}

function failure(code: EventStoreErrorCode, message: string, cause?: unknown): EngineError {
  return new EngineError(code, message, cause === undefined ? undefined : { cause });
}

/** Passes the process's output on, and keeps its end for an error message. */
function collectOutput(child: ChildProcess, logger: EventStoreOptions['logger']): () => string {
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      kept = (kept + text).slice(-OUTPUT_KEPT_MAX);
      logger?.warn(text.trimEnd());
    });
  }
  return () => kept.trim();
}
