/**
 * The event store's own process: `node main.js --data <directory> [--port 0] [--lock-wait-ms 10000]
 * [--append-bytes-max 1048576] [--transport http2]`. Started by `startEventStore` it reports over the IPC channel and ends with its parent;
 * started by hand it prints one line and ends on a signal.
 */
import { parseArgs } from 'node:util';
import { DataDirectoryInUseError, EngineError, type EngineErrorCode } from '../engine-error.ts';
import { messageOf } from './errors.ts';
import { runServer, type EventStoreServer } from './server.ts';

/** What the child tells its parent. */
export type ChildMessage =
  | { kind: 'ready'; port: number }
  | { kind: 'failed'; code: EngineErrorCode; message: string; ownerPid?: number };

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    port: { type: 'string', default: '0' },
    'lock-wait-ms': { type: 'string', default: '10000' },
    transport: { type: 'string', default: 'http2' },
    'append-bytes-max': { type: 'string', default: String(1024 * 1024) },
  },
});

let server: EventStoreServer | undefined;
let stopping = false;

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// The parent is gone, however it went.
if (process.send) process.on('disconnect', stop);

try {
  if (values.data === undefined) throw new EngineError('EVENT_STORE_START_FAILED', 'Name a directory with --data.');
  server = await runServer({
    dataDirectory: values.data,
    port: Number(values.port),
    lockWaitMs: Number(values['lock-wait-ms']),
    transport: values.transport === 'grpc-js' ? 'grpc-js' : 'http2',
    appendBytesMax: Number(values['append-bytes-max']),
    onFatal: fail,
  });
  if (stopping) await server.stop();
  else announce({ kind: 'ready', port: server.port });
} catch (error) {
  fail(error);
}

function announce(message: ChildMessage): void {
  if (process.send) process.send(message);
  else if (message.kind === 'ready') console.log(`event store ready at esdb://127.0.0.1:${message.port}?tls=false`);
  else console.error(`${message.code}: ${message.message}`);
}

function stop(): void {
  if (stopping) return;
  stopping = true;
  if (!server) {
    // Still waiting for the lock or opening: nothing has been accepted yet.
    process.exit(0);
  }
  server.stop().then(() => process.exit(0), fail);
}

function fail(error: unknown): void {
  const message: ChildMessage = {
    kind: 'failed',
    code: error instanceof EngineError ? error.code : 'EVENT_STORE_START_FAILED',
    message: messageOf(error),
    ...(error instanceof DataDirectoryInUseError && { ownerPid: error.ownerPid }),
  };
  process.exitCode = 1;
  if (!process.send) {
    announce(message);
    process.exit(1);
  }
  process.send(message, () => process.exit(1));
}
