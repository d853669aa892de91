import { createServer, type Server } from 'node:net';

/** The address the API should listen on cannot be had. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code = 'ADDRESS_UNAVAILABLE';
}

/** Where to listen; port 0 is any free one. */
export type ListenAddress = { readonly host: string; readonly port: number };

/** Lets a server listen. @throws ListenError when the port is in use or the address is not this machine's. */
export function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `port ${port} on ${host} is in use; stop what listens there, or set PORT to another one (0 = any free)`
          : `${host}:${port} cannot be listened on (${error.code ?? error.message}); check HOST and PORT`;
      reject(new ListenError(`The API cannot start: ${why}.`, { cause: error }));
    });
    server.listen({ host, port }, resolve);
  });
}

/** Whether an address can be had, before anything is started for it. @throws ListenError as {@link listen} */
export async function assertListenable(address: ListenAddress): Promise<void> {
  const server = createServer();
  await listen(server, address);
  await new Promise((resolve) => server.close(resolve));
}
