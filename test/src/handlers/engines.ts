/**
 * Real engines for the suites of the write side: an embedded event store, a nats-server, and this process's doors to
 * both. Both keep their ports, so that a restarted engine is found again.
 *
 * @module
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectBroker, ensureTopology, type Broker } from '@perennial/broker';
import { eventDefinitions } from '@perennial/domain';
import { findNatsServer, startBroker, startEventStore } from '@perennial/embedded';
import { openEventStore, type EventStore } from '@perennial/event-store';
import { ensureLog } from '@perennial/handlers';

/** The engines and the doors to them. */
export type Engines = {
  readonly store: EventStore;
  readonly broker: Broker;
  readonly logId: string;
  /** Kills the engine (SIGKILL) and starts it again on the same directory and port. */
  restartBroker(): Promise<void>;
  restartEventStore(): Promise<void>;
  killBroker(): Promise<void>;
  startBrokerAgain(): Promise<void>;
  eventStoreUrl(): string;
  /** A second connection, as another process would have. */
  connect(name: string): Promise<Broker>;
  stop(): Promise<void>;
};

const cacheDirectory = fileURLToPath(new URL('../../../.cache/nats-server', import.meta.url));
const quiet = { warn() {} };

/** Starts both engines in a temporary directory. */
export async function startEngines(): Promise<Engines> {
  const directory = mkdtempSync(join(tmpdir(), 'perennial-handlers-'));
  const { binary, version } = await natsServer();
  // Any port at first, and the same again: one that was only found free might be somebody else's by then.
  const launchStore = (at: { readonly port?: number } = {}) =>
    startEventStore({ dataDirectory: join(directory, 'event-store'), logger: quiet, ...at });
  const launchBroker = (at: { readonly port?: number } = {}) =>
    startBroker({ binary, version, dataDirectory: join(directory, 'nats'), logger: quiet, ...at });

  let [storeProcess, brokerProcess] = await Promise.all([launchStore(), launchBroker()]);
  const connections: Broker[] = [];
  const connect = async (name: string) => {
    // As long as in production: opening PGlite in this process blocks the event loop for seconds on a busy machine.
    const broker = await connectBroker({ url: brokerProcess.url, name, logger: quiet, requestTimeoutMs: 10_000 });
    connections.push(broker);
    return broker;
  };
  const broker = await connect('test');
  await ensureTopology(broker, { logger: quiet });
  const store = await openEventStore({ url: storeProcess.url, definitions: eventDefinitions });
  const logId = await ensureLog(store, { newId: () => crypto.randomUUID(), now: () => new Date().toISOString() });

  const killBroker = () => brokerProcess.kill();
  const startBrokerAgain = async () => {
    brokerProcess = await launchBroker({ port: brokerProcess.port });
  };
  return {
    store,
    broker,
    logId,
    connect,
    eventStoreUrl: () => storeProcess.url,
    killBroker,
    startBrokerAgain,
    restartBroker: async () => {
      await killBroker();
      await startBrokerAgain();
    },
    restartEventStore: async () => {
      storeProcess.kill();
      await storeProcess.exited;
      storeProcess = await launchStore({ port: storeProcess.port });
    },
    stop: async () => {
      await store.close();
      await Promise.all(connections.map((connection) => connection.close()));
      await Promise.all([storeProcess.stop(), brokerProcess.stop()]);
    },
  };
}

async function natsServer() {
  const found = await findNatsServer({ env: process.env, cacheDirectory });
  return { binary: found.path, version: found.version };
}

/** Waits until a condition holds, at most `timeoutMs`; throws with what it was. */
export async function until(what: string, condition: () => Promise<boolean> | boolean, timeoutMs = 60_000) {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
