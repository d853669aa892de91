import { serve } from '@hono/node-server';
import type { Server } from 'node:http';
import type { ApiApp } from './operation.ts';

/** A server that listens. */
export type HttpServer = {
  /** As clients reach it, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connection, lets what is in flight end for at most `drainMs`, then cuts the rest. */
  close(drainMs: number): Promise<void>;
};

/** Where and how to listen. */
export type ListenOptions = {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
};

/** Serves the application over HTTP/1.1. Rejects when the address cannot be listened on (`EADDRINUSE`, …). */
export async function listen(app: ApiApp, options: ListenOptions): Promise<HttpServer> {
  const server = await new Promise<Server>((resolve, reject) => {
    const starting = serve(
      {
        fetch: app.fetch,
        hostname: options.host,
        port: options.port,
        serverOptions: {
          headersTimeout: options.headersTimeoutMs ?? 10_000,
          requestTimeout: options.requestTimeoutMs ?? 30_000,
          maxHeaderSize: 16_384,
        },
      },
      // Without TLS options `serve` makes a plain HTTP/1.1 server.
      () => resolve(starting as Server),
    );
    starting.once('error', reject);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, port, close: (drainMs) => close(server, drainMs) };
}

async function close(server: Server, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(cut);
}
