import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A TCP connection between client and server that can be made to fail in ways a server alone cannot show. */
export type FaultyWire = {
  readonly url: string;
  /** What the server answers is thrown away: requests arrive, replies are lost. */
  loseReplies(): void;
  /** Connections that exist now stay open but carry nothing more; new ones work. */
  silenceCurrent(): void;
  /** Back to normal: connections that lost something are cut, as a broken link would be. */
  heal(): void;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
};

/** Listens on a free port and carries everything to `port`. */
export async function startFaultyWire(port: number): Promise<FaultyWire> {
  const links = new Set<Link>();
  let losing = false;
  const server = createServer((client) => {
    const link = new Link(client, connect(port, '127.0.0.1'), () => losing);
    links.add(link);
    client.on('close', () => links.delete(link));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an object.
  const { port: ownPort } = server.address() as AddressInfo;
  const cut = () => {
    for (const link of links) link.cut();
  };
  return {
    url: `esdb://127.0.0.1:${ownPort}?tls=false`,
    loseReplies: () => (losing = true),
    silenceCurrent: () => {
      for (const link of links) link.silent = true;
    },
    heal: () => {
      losing = false;
      for (const link of links) if (link.damaged) link.cut();
    },
    cut,
    async close() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

class Link {
  silent = false;
  damaged = false;
  readonly #client: Socket;
  readonly #server: Socket;

  constructor(client: Socket, server: Socket, losing: () => boolean) {
    this.#client = client;
    this.#server = server;
    client.on('data', (bytes) => {
      if (this.silent) this.damaged = true;
      else server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (this.silent || losing()) this.damaged = true;
      else client.write(bytes);
    });
    for (const socket of [client, server]) {
      socket.on('error', () => this.cut());
      socket.on('close', () => this.cut());
    }
  }

  cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }
}
