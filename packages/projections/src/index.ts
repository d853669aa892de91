/**
 * The read side: what happened, arranged for questions. Everything here can be thrown away and rebuilt from the log.
 *
 * @module
 */
export * from './errors.ts';
export * from './ports.ts';
export type * from './queries/types.ts';
export { openSql, oldestPostgresMajor, type OpenSqlOptions } from './sql/open-sql.ts';
export { dropReadModels } from './sql/drop-read-models.ts';
export { migrate } from './sql/migrate.ts';
export { createReadModels, readModelsKey } from './set/new-database.ts';
export type { PgliteDatabase } from './sql/pglite.ts';
export type { Query, Sql, SqlValue } from './sql/types.ts';
export { allProjections } from './models/index.ts';
export type { Projection } from './projection/projection.ts';
export { startProjections } from './runtime/start-projections.ts';
export type { Projections, RebuildBegun, RebuildOptions } from './runtime/projections.ts';
export { UnknownProjectionError } from './projection/rebuilt-with.ts';
export type { ProjectionsOptions } from './runtime/options.ts';
export type { Comparison, TableDifference } from './runtime/compare-sets.ts';
export type { SetReport } from './runtime/set-report.ts';
export type { RowDifference } from './set/row-differences.ts';
export { SetNotReadyError } from './runtime/set-build.ts';
export { ReadModelsOfOtherReleaseError } from './runtime/verify-set.ts';
export type { TableDigest } from './set/digest.ts';
export type { HeldStreamRow } from './set/held.ts';
export { ForeignLogError } from './runtime/log-identity.ts';
export {
  noProjectionMetrics,
  type ProjectionCounter,
  type ProjectionGauge,
  type ProjectionHistogram,
  type ProjectionMetrics,
} from './runtime/metrics.ts';
export { createQueries, type QueriesOptions } from './queries/create-queries.ts';
export { startFeedPublisher, type FeedPublisher, type FeedPublisherOptions } from './feed/start-feed-publisher.ts';
export { removePersonFromFeed, type FeedMessage } from './feed/bucket.ts';
export type { FeedModel } from './feed/rows.ts';
