import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { listen } from './listen.ts';

/** A listening HTTP server. */
export type HttpServer = {
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets requests in flight finish for `drainWaitMs`, then cuts the rest. */
  close(): Promise<void>;
};

const drainWaitMs = 5_000;
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;

/**
 * Serves an application.
 *
 * @throws ListenError when the port is in use or the address is not this machine's.
 */
export async function serveHttp(options: {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly host: string;
  readonly port: number;
}): Promise<HttpServer> {
  const { host, port } = options;
  const handle = getRequestListener(options.fetch);
  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs },
    (request, response) => {
      void handle(request, response);
    },
  );
  await listen(server, { host, port });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, port: bound, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), drainWaitMs);
  await closed;
  clearTimeout(timer);
}
