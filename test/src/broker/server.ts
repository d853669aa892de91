import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectBroker, type Broker } from '@perennial/broker';
import {
  findNatsServer,
  startBroker,
  type EmbeddedBroker,
  type NatsServer,
  type PackageSuite,
} from '@perennial/embedded';

const cache = fileURLToPath(new URL('../../../.cache/', import.meta.url));

/** The server everything runs on. */
export function defaultServer(): Promise<NatsServer> {
  return findNatsServer({ env: process.env, cacheDirectory: join(cache, 'nats-server') });
}

/**
 * The server of one package suite, kept apart from the one everything runs on; `undefined` where it cannot be had (no
 * Debian, no network), which the caller reports.
 */
export async function serverOf(suite: PackageSuite): Promise<NatsServer | undefined> {
  try {
    return await findNatsServer({
      env: {},
      cacheDirectory: join(cache, 'nats-server-compatibility', suite),
      suites: [suite],
    });
  } catch (error) {
    console.log(`\nNOTE no nats-server of suite ${suite}: ${(error as Error).message}`);
    return undefined;
  }
}

/** A running server with a connection to it, for one test. */
export interface Bench {
  readonly broker: Broker;
  readonly server: EmbeddedBroker;
  readonly connect: (name: string) => Promise<Broker>;
  /** Kills the server and starts it again on the same port and data. */
  readonly crash: () => Promise<EmbeddedBroker>;
  readonly end: () => Promise<void>;
}

/** Starts a server in a directory of its own. */
export async function openBench(binary: NatsServer): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  const options = { binary: binary.path, version: binary.version, dataDirectory: directory };
  let server = await startBroker(options);
  const connections: Broker[] = [];
  const connect = async (name: string): Promise<Broker> => {
    const broker = await connectBroker({ url: server.url, name });
    connections.push(broker);
    return broker;
  };
  return {
    broker: await connect('test'),
    get server() {
      return server;
    },
    connect,
    crash: async () => {
      const { port } = server;
      await server.kill();
      server = await startBroker({ ...options, port });
      return server;
    },
    end: async () => {
      await Promise.all(connections.map((broker) => broker.close()));
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Resolves when the connection is there (again). */
export function connected(broker: Broker, withinMs = 10_000): Promise<void> {
  if (broker.isConnected()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not connected within ${withinMs} ms`)), withinMs);
    const stop = broker.onStatus(({ type }) => {
      if (type !== 'reconnected') return;
      clearTimeout(timer);
      stop();
      resolve();
    });
  });
}

/** The error a promise fails with. */
export async function failure<E extends Error>(promise: Promise<unknown>): Promise<E> {
  try {
    await promise;
  } catch (error) {
    // The caller names the class it then checks by its code.
    return error as E;
  }
  throw new Error('did not fail');
}
