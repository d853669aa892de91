export { DataDirectoryInUseError, EngineError, type EngineErrorCode } from './engine-error.ts';
export { lockDirectory, type DirectoryLock, type LockDirectoryOptions } from './data-directory/lock.ts';
export { findNatsServer, type FindNatsServerOptions } from './broker/find-nats-server.ts';
export { preferredSuites, type PackageSuite } from './broker/debian-package.ts';
export type { NatsServer } from './broker/installed-servers.ts';
export { startBroker, type EmbeddedBroker, type StartBrokerOptions } from './broker/start-broker.ts';
export type { ChildExit } from './child-process/tied-child.ts';
export { openPglite, type EmbeddedDatabase, type OpenPgliteOptions } from './database/pglite.ts';
export type { SeedContent } from './database/seed.ts';
export { findPostgres, type PostgresInstallation } from './database/find-postgres.ts';
export {
  startTemporaryPostgres,
  type TemporaryPostgres,
  type TemporaryPostgresOptions,
} from './database/temporary-postgres.ts';
export type { EventStoreErrorCode } from './engine-error.ts';
export {
  startEventStore,
  type EventStoreOptions,
  type ProcessExit,
  type RunningEventStore,
} from './event-store/launcher.ts';
