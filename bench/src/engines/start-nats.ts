import { connectBroker, ensureTopology, type Broker } from '@perennial/broker';
import { findNatsServer, startBroker, type EmbeddedBroker } from '@perennial/embedded';
import { caches } from './workspace.ts';

/** A nats-server with the project's streams, and a connection to it. */
export type NatsUnderLoad = {
  readonly server: EmbeddedBroker;
  readonly broker: Broker;
  stop(): Promise<void>;
};

/** Starts the very server, with the very configuration and streams, that `npm start` starts. */
export async function startNats(dataDirectory: string): Promise<NatsUnderLoad> {
  const { path: binary, version } = await findNatsServer({ env: process.env, cacheDirectory: caches.natsServer });
  const server = await startBroker({ binary, version, dataDirectory });
  const broker = await connectBroker({ url: server.url, name: 'bench' });
  await ensureTopology(broker, { syncAlways: server.syncAlways });
  return {
    server,
    broker,
    stop: async () => {
      await broker.connection.close();
      await server.stop();
    },
  };
}
