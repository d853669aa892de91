/**
 * What every role process opens: the two doors, the clock, the vault, the catalogue.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { connectBroker, ensureTopology, type Broker } from '@perennial/broker';
import { eventDefinitions, type SubscriptionState } from '@perennial/domain';
import { openEventStore, type EventStore } from '@perennial/event-store';
import {
  createSystemClock,
  createTenantService,
  ensureLog,
  followCatalogue,
  followVirtualClock,
  openPersonVault,
  openSubscriptionCache,
  type Clock,
  type CatalogueSource,
  type DiskStateCache,
  type PersonVault,
  type TenantService,
  type VirtualClock,
} from '@perennial/handlers';
import type { Logger } from 'pino';
import type { EngineAddresses, PortableConfiguration } from './messages.ts';
import type { ProcessMetrics } from './metrics.ts';

/** Everything the roles of a process have in common. */
export type Shared = {
  readonly configuration: PortableConfiguration;
  readonly engines: EngineAddresses;
  readonly store: EventStore;
  readonly broker: Broker;
  readonly logId: string;
  readonly clock: Clock;
  /** The same clock, where it can be moved. */
  readonly virtualClock: VirtualClock | undefined;
  readonly vault: PersonVault;
  /** Folded subscriptions, in memory and on disk. */
  readonly states: DiskStateCache<SubscriptionState>;
  readonly tenants: TenantService;
  readonly catalogue: CatalogueSource;
  readonly log: Logger;
  readonly metrics: ProcessMetrics;
  /** Creates missing streams, reports those that differ. */
  ensureStreams(): Promise<void>;
  close(): Promise<void>;
};

/** What opening needs. */
export type SharedOptions = {
  readonly name: string;
  readonly configuration: PortableConfiguration;
  readonly engines: EngineAddresses;
  readonly log: Logger;
  readonly metrics: ProcessMetrics;
};

/** How long engines that were started a moment ago, or elsewhere, may take to answer. */
const connectWaitMs = 20_000;

/**
 * How long the broker may take to answer a request. Opening the embedded database blocks the event loop for seconds on a
 * busy machine; a shorter wait ends before an answer that came in time is even looked at, and with it the whole start.
 */
const requestTimeoutMs = 10_000;

/** Opens everything; a fault names the engine that does not answer. */
export async function openShared(options: SharedOptions): Promise<Shared> {
  const { name, configuration, engines, log } = options;
  const [store, broker] = await Promise.all([
    openEventStore({ url: engines.eventStoreUrl, definitions: eventDefinitions, logger: log }),
    connectBroker({
      ...engines.nats,
      name: `perennial-${name}`,
      logger: warner(log),
      connectWaitMs,
      requestTimeoutMs,
    }),
  ]);
  const ensureStreams = async (): Promise<void> => {
    const { syncAlways } = engines.nats;
    await ensureTopology(broker, { logger: warner(log), ...(syncAlways !== null && { syncAlways }) });
  };
  await ensureStreams();
  const logId = await ensureLog(store, {
    newId: randomUUID,
    now: () => configuration.virtualClockStart ?? new Date().toISOString(),
  });
  const virtualClock =
    configuration.virtualClockStart === null
      ? undefined
      : await followVirtualClock(store, configuration.virtualClockStart);
  const clock = virtualClock ?? createSystemClock();
  const vault = openPersonVault({ directory: join(configuration.dataDirectory, 'vault') });
  const catalogue = await followCatalogue({ store, clock });
  const states = await openSubscriptionCache({
    directory: join(configuration.dataDirectory, 'cache', `states-${name}`),
    store,
    log,
    metrics: options.metrics,
  });
  const close = async (): Promise<void> => {
    await catalogue.close();
    await virtualClock?.close();
    await states.close();
    await vault.close();
    await broker.close();
    await store.close();
  };
  const tenants = createTenantService({ store, clock });
  return {
    ...options,
    store,
    broker,
    logId,
    clock,
    virtualClock,
    vault,
    states,
    tenants,
    catalogue,
    ensureStreams,
    close,
  };
}

/** The broker's door warns with a plain sentence. */
function warner(log: Logger): { warn(message: string): void } {
  return { warn: (message) => log.warn(message) };
}
