import { randomUUID } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { lockDirectory } from '../data-directory/lock.ts';
import { EngineError } from '../engine-error.ts';
import { messageOf } from './errors.ts';
import { eventStoreService } from './protocol/service.ts';
import { DEFAULT_LIMITS, EventLog } from './store/event-log.ts';
import { LmdbStore } from './store/lmdb-store.ts';
import { LOG_START } from './store/positions.ts';
import { serveHttp2 } from './transport/http2-server.ts';
import { ADDRESS } from './transport/transport.ts';

/** What can carry the calls. */
export type TransportName = 'http2' | 'grpc-js';

/** How the server process is run. */
export interface ServerOptions {
  dataDirectory: string;
  /** 0: any free port. */
  port: number;
  /** How long a former owner of the data directory may take to end. */
  lockWaitMs: number;
  /** What carries the calls: `http2` costs less per message, `grpc-js` is gRPC's own library. */
  transport: TransportName;
  /** Largest append, in bytes. */
  appendBytesMax: number;
  /** Called when a commit failed: memory and disk disagree from then on, so the process must end. */
  onFatal: (error: EngineError) => void;
}

/** A running server. */
export interface EventStoreServer {
  port: number;
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 3000;

/** Opens the data directory and serves it on the loopback address. */
export async function runServer(options: ServerOptions): Promise<EventStoreServer> {
  prepareDirectory(options.dataDirectory);
  const lock = await lockDirectory(options.dataDirectory, { waitMs: options.lockWaitMs });
  const store = LmdbStore.open(options.dataDirectory);
  const log = new EventLog(store, {
    limits: DEFAULT_LIMITS,
    now: Date.now,
    onCommitFailed: (error) => options.onFatal(commitFailed(error)),
  });
  await beginLog(log);
  const instanceId = randomUUID();
  const limits = {
    appendBytesMax: options.appendBytesMax,
    pendingBytesMax: 16 * 1024 * 1024,
    pendingAppendsMax: 4096,
    writeTimeoutMs: 2000,
  };
  let port = 0;
  const service = eventStoreService(log, limits, () => ({ instanceId, address: ADDRESS, port }));
  const serve = await transportOf(options.transport);
  const transport = await serve(service, { port: options.port, stopTimeoutMs: STOP_TIMEOUT_MS });
  port = transport.port;
  return {
    port,
    stop: async () => {
      await transport.stop();
      await log.close();
      lock.release();
    },
  };
}

/** grpc-js is loaded only when it is asked for. */
async function transportOf(name: TransportName): Promise<typeof serveHttp2> {
  return name === 'grpc-js' ? (await import('./transport/grpc-server.ts')).serveGrpc : serveHttp2;
}

/** A real log begins with events of the server itself; a reader of the whole log must expect them here, too. */
async function beginLog(log: EventLog): Promise<void> {
  if (log.lastPosition !== LOG_START) return;
  const data = Buffer.from('{"$maxAge":86400}');
  const event = { id: randomUUID(), type: '$metadata', isJson: true, data, customMetadata: new Uint8Array(0) };
  await log.append({ stream: '$$$stats', expectation: { kind: 'noStream' }, events: [event] });
}

function prepareDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new EngineError(
      'DATA_DIRECTORY_UNUSABLE',
      `The event store's data directory ${directory} cannot be written to (${messageOf(error)}); make it writable or choose another one.`,
      { cause: error },
    );
  }
}

function commitFailed(error: unknown): EngineError {
  return new EngineError(
    'COMMIT_FAILED',
    `The event store could not write to its disk (${messageOf(error)}); make room or repair the disk, then start it again.`,
    { cause: error },
  );
}
