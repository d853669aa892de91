/**
 * The read side: what happened, arranged for questions. Everything here can be thrown away and rebuilt from the log.
 *
 * @module
 */
export * from './errors.ts';
export * from './ports.ts';
export type * from './queries/types.ts';
export type { Query, Sql, SqlValue } from './sql/types.ts';
