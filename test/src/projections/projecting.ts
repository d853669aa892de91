/**
 * One log on real engines, and read models made from it on every database there is: for suites about version sets.
 *
 * @module
 */
import type { EventStore } from '@perennial/event-store';
import { startRelay } from '@perennial/handlers';
import { startProjections, type Projections, type ProjectionsOptions, type SetReport } from '@perennial/projections';
import { startEngines } from '../handlers/engines.ts';
import { openDatabases, type TestDatabase } from './databases.ts';
import { publishCatalogue } from './log-writer.ts';

/** Bound of one wait. */
export const waitMs = 60_000;

/** See the module's description. */
export type Projecting = {
  readonly store: EventStore;
  readonly databases: readonly TestDatabase[];
  /** Starts projections of the log; they run until `stopAll`. */
  project(database: TestDatabase, change?: Partial<ProjectionsOptions>): Projections;
  /** Waits until they have what the log holds now. */
  upToDate(projections: Projections): Promise<void>;
  stopAll(): Promise<void>;
  close(): Promise<void>;
};

/** Starts engines and databases with a catalogue and what `write` appends. */
export async function startProjecting(write: (store: EventStore) => Promise<void>): Promise<Projecting> {
  const engines = await startEngines();
  const databases = await openDatabases();
  const { broker, store, logId } = engines;
  const relay = startRelay({ broker, store, logId, ensureStreams: async () => undefined });
  const running: Projections[] = [];
  await publishCatalogue(store);
  await write(store);
  return {
    store,
    databases,
    project: ({ sql }, change = {}) => {
      const projections = startProjections({ sql, broker, store, idleCheckMs: 150, ...change });
      running.push(projections);
      return projections;
    },
    upToDate: async (projections) => projections.waitFor((await store.lastPosition()) ?? -1n, waitMs),
    stopAll: async () => {
      for (const projections of running.splice(0)) await projections.stop();
    },
    close: async () => {
      await relay.stop();
      for (const database of databases) await database.close();
      await engines.stop();
    },
  };
}

/** The set of this status, if there is one. */
export async function setOf(projections: Projections, status: SetReport['status']): Promise<SetReport | undefined> {
  return (await projections.sets()).find((set) => set.status === status);
}
