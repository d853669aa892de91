import { once } from 'node:events';
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { RpcError, Status, toRpcError, type Call, type Handler } from '../protocol/call.ts';
import type { Service } from '../protocol/service.ts';
import { readMessages } from './grpc-framing.ts';
import { ADDRESS, portUnusable, type Transport, type TransportOptions } from './transport.ts';

/** Responses collected before they are handed to the connection in one write. */
const WRITE_BYTES = 64 * 1024;
const FRAME_HEADER_BYTES = 5;
const WINDOW_BYTES = 4 * 1024 * 1024;
/** Calls of one connection at a time; the client keeps further ones waiting. */
const CALLS_MAX = 4096;

/**
 * Serves the methods with gRPC's framing straight on HTTP/2. Unlike grpc-js it sends many small messages in one write,
 * which is most of what reading and subscribing costs. PORT_IN_USE when the port is taken.
 */
export async function serveHttp2(service: Service, options: TransportOptions): Promise<Transport> {
  const server = createServer({
    settings: { initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: CALLS_MAX },
    // In megabytes. Backpressure bounds each stream; Node's own 10 would refuse new ones instead.
    maxSessionMemory: 1024,
  });
  const sessions = new Set<ServerHttp2Session>();
  const open = new Set<() => void>();
  server.on('session', (session) => {
    sessions.add(session);
    session.setLocalWindowSize(WINDOW_BYTES);
    session.on('close', () => sessions.delete(session));
    // A connection that breaks ends its streams, and those tell the handlers.
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream, headers) => void serve(stream, headers, service, open));
  const port = await listen(server, options.port);
  return { port, stop: () => stop(server, sessions, open, options.stopTimeoutMs) };
}

async function serve(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  service: Service,
  open: Set<() => void>,
): Promise<void> {
  // Abandoned before its turn came.
  if (stream.destroyed || stream.closed) return;
  const abort = new AbortController();
  const call = new Http2Call(stream, abort.signal);
  const cancel = () => {
    call.end(new RpcError(Status.CANCELLED, 'The server is shutting down.'));
    abort.abort();
  };
  open.add(cancel);
  stream.on('aborted', () => abort.abort());
  // A broken connection is an abort like any other; `close` follows.
  stream.on('error', () => abort.abort());
  stream.on('close', () => abort.abort());
  try {
    await handlerOf(service, headers)(call);
    call.end();
  } catch (error) {
    call.end(toRpcError(error));
  } finally {
    open.delete(cancel);
  }
}

function handlerOf(service: Service, headers: IncomingHttpHeaders): Handler {
  const path = headers[constants.HTTP2_HEADER_PATH];
  const handler = typeof path === 'string' ? service.get(path) : undefined;
  if (!handler) throw new RpcError(Status.UNIMPLEMENTED, `The embedded event store has no method ${String(path)}.`);
  return handler;
}

/** One call on one HTTP/2 stream. */
class Http2Call implements Call {
  readonly requests: AsyncIterable<Buffer>;
  readonly signal: AbortSignal;
  readonly #stream: ServerHttp2Stream;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #flushScheduled = false;
  #ended = false;

  constructor(stream: ServerHttp2Stream, signal: AbortSignal) {
    this.#stream = stream;
    this.signal = signal;
    this.requests = readMessages(stream, signal);
    stream.respond(
      { [constants.HTTP2_HEADER_STATUS]: 200, [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc+proto' },
      { waitForTrailers: true },
    );
  }

  send(message: Uint8Array): boolean {
    if (this.signal.aborted || this.#ended) return false;
    this.#queue.push(message);
    this.#queuedBytes += FRAME_HEADER_BYTES + message.length;
    if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      setImmediate(() => this.#flush());
    }
    return this.#queuedBytes + this.#stream.writableLength < WRITE_BYTES;
  }

  async drained(): Promise<void> {
    this.#flush();
    if (this.signal.aborted || !this.#stream.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#stream.off('drain', done);
        this.signal.removeEventListener('abort', done);
        resolve();
      };
      this.#stream.on('drain', done);
      this.signal.addEventListener('abort', done);
    });
  }

  /** Sends what is queued and the status: OK, or why the call failed. */
  end(failure?: RpcError): void {
    if (this.#ended || this.#stream.destroyed) return;
    this.#flush();
    this.#ended = true;
    this.#stream.on('wantTrailers', () => {
      if (!this.#stream.closed) this.#stream.sendTrailers(trailersOf(failure));
    });
    this.#stream.end();
  }

  /** Writes all queued messages at once, each behind its five bytes of framing. */
  #flush(): void {
    this.#flushScheduled = false;
    if (this.#queue.length === 0 || this.#stream.destroyed || this.#ended) return;
    const bytes = Buffer.allocUnsafe(this.#queuedBytes);
    let at = 0;
    for (const message of this.#queue) {
      bytes.writeUInt8(0, at);
      bytes.writeUInt32BE(message.length, at + 1);
      bytes.set(message, at + FRAME_HEADER_BYTES);
      at += FRAME_HEADER_BYTES + message.length;
    }
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#stream.write(bytes);
  }
}

function trailersOf(failure: RpcError | undefined): Record<string, string> {
  if (!failure) return { 'grpc-status': '0' };
  return {
    ...failure.trailers,
    'grpc-status': String(failure.code),
    'grpc-message': encodeURI(failure.message),
  };
}

async function listen(server: Http2Server, port: number): Promise<number> {
  try {
    server.listen(port, ADDRESS);
    await once(server, 'listening');
  } catch (error) {
    throw portUnusable(port, error);
  }
  // An address of a server that listens on a port is never a path or null.
  return (server.address() as AddressInfo).port;
}

async function stop(
  server: Http2Server,
  sessions: Set<ServerHttp2Session>,
  open: Set<() => void>,
  timeoutMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const cancel of open) cancel();
  for (const session of sessions) session.close();
  const forced = setTimeout(() => sessions.forEach((session) => session.destroy()), timeoutMs);
  await closed;
  clearTimeout(forced);
}
