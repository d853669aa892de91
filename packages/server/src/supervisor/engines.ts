/**
 * Chooses and starts the engines: whatever the environment does not name is embedded.
 *
 * @module
 */
import { join } from 'node:path';
import { findNatsServer, startBroker, startEventStore } from '@perennial/embedded';
import type { Configuration } from '../configuration/configuration.ts';
import type { EngineAddresses } from '../roles/messages.ts';
import { KeptEngine } from './kept-engine.ts';
import type { Progress } from './progress.ts';

/** The engines of one start. */
export type Engines = {
  readonly addresses: EngineAddresses;
  /** For people: `embedded`, `embedded 2.10.27`, `configured`. */
  readonly kinds: { readonly eventStore: string; readonly nats: string; readonly database: string };
  stop(): Promise<void>;
};

/** What starting the engines needs. */
export type StartEnginesOptions = {
  readonly configuration: Configuration;
  readonly env: NodeJS.ProcessEnv;
  /** Where downloads are cached: below the checkout, shared by every data directory. */
  readonly cacheDirectory: string;
  readonly progress: Progress;
  readonly onSpawn: (name: string, pid: number) => void;
  readonly onFatal: (error: Error) => void;
};

/** How long a start waits for a former owner of the data directory that is still ending (`contract.md`, Commands). */
export const lockWaitMs = 10_000;

/** Starts what is not configured, side by side. A fault stops what had been started. */
export async function startEngines(options: StartEnginesOptions): Promise<Engines> {
  const { configuration } = options;
  const [eventStore, nats] = await settleBoth(startEventStoreEngine(options), startNatsEngine(options));
  return {
    addresses: {
      eventStoreUrl: eventStore.url,
      nats: { ...configuration.nats, url: nats.url, syncAlways: nats.syncAlways },
      databaseUrl: configuration.databaseUrl,
    },
    kinds: {
      eventStore: eventStore.kind,
      nats: nats.kind,
      database: configuration.databaseUrl === null ? 'embedded' : 'configured',
    },
    stop: async () => {
      await Promise.all([eventStore.stop(), nats.stop()]);
    },
  };
}

type StartedEngine = { readonly url: string; readonly kind: string; stop(): Promise<void> };

const nothingToStop = (): Promise<void> => Promise.resolve();

async function startEventStoreEngine(options: StartEnginesOptions): Promise<StartedEngine> {
  const { configuration, progress } = options;
  if (configuration.eventStoreUrl !== null) {
    return { url: configuration.eventStoreUrl, kind: 'configured', stop: nothingToStop };
  }
  const engine = new KeptEngine({
    name: 'event store',
    start: (port) =>
      startEventStore({
        dataDirectory: join(configuration.dataDirectory, 'event-store'),
        lockWaitMs,
        ...(port !== undefined && { port }),
      }),
    progress,
    onSpawn: (pid) => options.onSpawn('event-store', pid),
    onFatal: options.onFatal,
  });
  const { url } = await engine.start();
  progress.step(`event store: embedded, ready at ${url}`);
  return { url, kind: 'embedded', stop: () => engine.stop() };
}

async function startNatsEngine(
  options: StartEnginesOptions,
): Promise<StartedEngine & { readonly syncAlways: boolean | null }> {
  const { configuration, progress } = options;
  if (configuration.nats !== null) {
    return { url: configuration.nats.url, kind: 'configured', syncAlways: null, stop: nothingToStop };
  }
  const server = await findNatsServer({
    env: options.env,
    cacheDirectory: join(options.cacheDirectory, 'nats-server'),
    onProgress: (text) => progress.step(`nats: ${text}`),
  });
  const engine = new KeptEngine({
    name: 'nats server',
    start: (port) =>
      startBroker({
        binary: server.path,
        version: server.version,
        dataDirectory: join(configuration.dataDirectory, 'nats'),
        lockWaitMs,
        logger: { warn: (message) => progress.warn(message) },
        ...(port !== undefined && { port }),
      }),
    progress,
    onSpawn: (pid) => options.onSpawn('nats-server', pid),
    onFatal: options.onFatal,
  });
  const { url, version, syncAlways } = await engine.start();
  progress.step(`nats: embedded nats-server ${version}, ready at ${url}`);
  return { url, kind: `embedded ${version}`, syncAlways, stop: () => engine.stop() };
}

/** Waits for both; when one failed the other is stopped, and the fault is thrown. */
async function settleBoth<A extends StartedEngine, B extends StartedEngine>(
  a: Promise<A>,
  b: Promise<B>,
): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled([a, b]);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value];
  for (const result of [first, second]) if (result.status === 'fulfilled') await result.value.stop();
  throw first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason;
}
