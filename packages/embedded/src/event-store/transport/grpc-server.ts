import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { RpcError, Status, toRpcError, type Call, type Handler, type StatusCode } from '../protocol/call.ts';
import type { Service } from '../protocol/service.ts';
import { ADDRESS, portUnusable, REQUEST_BYTES_MAX, type Transport, type TransportOptions } from './transport.ts';

const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': REQUEST_BYTES_MAX,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

type Stream = ServerDuplexStream<Buffer, Uint8Array>;

/** Serves the methods on a loopback port with grpc-js; PORT_IN_USE when the port is taken. */
export async function serveGrpc(service: Service, options: TransportOptions): Promise<Transport> {
  const server = new Server(CHANNEL_OPTIONS);
  const open = new Set<() => void>();
  const definition: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const [path, handler] of service) {
    definition[path] = methodDefinition(path);
    implementation[path] = (stream: Stream) => void serve(stream, handler, open);
  }
  server.addService(definition, implementation);
  const port = await bind(server, options.port);
  return { port, stop: () => stop(server, open, options.stopTimeoutMs) };
}

/** On the wire a unary call is a stream of one message, so every method has the same shape here. */
function methodDefinition(path: string): ServiceDefinition[string] {
  const asIs = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

async function serve(stream: Stream, handler: Handler, open: Set<() => void>): Promise<void> {
  const abort = new AbortController();
  let ended = false;
  const end = (failure?: RpcError) => {
    if (ended) return;
    ended = true;
    if (failure) stream.emit('error', statusOf(failure.code, failure.message, failure.trailers));
    else stream.end();
  };
  const cancel = () => {
    end(new RpcError(Status.CANCELLED, 'The server is shutting down.'));
    abort.abort();
  };
  open.add(cancel);
  stream.on('cancelled', () => abort.abort());
  // Without a listener the error that ends the call would be thrown.
  stream.on('error', () => abort.abort());
  try {
    await handler(callOf(stream, abort.signal));
    end();
  } catch (error) {
    end(toRpcError(error));
  } finally {
    open.delete(cancel);
  }
}

function callOf(stream: Stream, signal: AbortSignal): Call {
  return {
    requests: { [Symbol.asyncIterator]: () => stream.iterator({ destroyOnReturn: false }) },
    signal,
    send: (message) => !signal.aborted && stream.write(message),
    drained: () =>
      new Promise((resolve) => {
        const done = () => {
          stream.off('drain', done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        stream.on('drain', done);
        signal.addEventListener('abort', done);
        if (signal.aborted) done();
      }),
  };
}

function statusOf(code: StatusCode, details: string, trailers: Readonly<Record<string, string>>) {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return { code, details, metadata };
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${ADDRESS}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(portUnusable(port, error));
      else resolve(bound);
    });
  });
}

async function stop(server: Server, open: Set<() => void>, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  for (const cancel of open) cancel();
  const forced = setTimeout(() => server.forceShutdown(), timeoutMs);
  await closed;
  clearTimeout(forced);
}
