/**
 * What a projection is. It writes contributions: rows owned by one source stream. Everything per tenant, plan or user is
 * computed from them on read.
 *
 * @module
 */
import type { RecordedEvent } from '@perennial/event-store';

/** Plain JSON that a row holds. */
export type Body = object;

/** What an indexed column holds. */
export type ColumnValue = string | number | boolean | null;

/** An indexed column, derived from the body so that the database can find it. */
export type Column = { readonly name: string; readonly type: 'text' | 'int8' | 'boolean' };

/** The table of a projection. Every one also has `stream`, `key`, `revision`, `position` and `body`. */
export type Table = {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Columns that only the runtime's later steps fill; a write of a row leaves them alone. */
  readonly derivedColumns?: readonly Column[];
  /** Each the part of `create index` after the table's name. */
  readonly indexes: readonly string[];
};

/** A projection: one file, pure. */
export type Projection<B extends Body = Body> = {
  readonly name: string;
  /** Goes up when `apply` or the table changes; the version set is then built anew from the log. */
  readonly version: number;
  /**
   * The oldest version whose rows this code can still read and go on folding while it builds its own; default 1. Raise it
   * together with `version` when the body changes in a way that would mislead it.
   */
  readonly rowsReadableSince?: number;
  readonly table: Table;
  /**
   * Names of the streams that it is about begin with this. The *root* projection of a prefix has exactly one row per
   * stream, which holds the stream's revision; that row guards all rows owned by the stream, because they are written in
   * the same transaction.
   */
  readonly handles: { readonly streamPrefix: string; readonly types: 'all' | ReadonlySet<string> };
  readonly root: boolean;
  /** Names of projections whose rows go because of rows here: a rebuild of this one rebuilds them as well. */
  readonly forgetsRowsOf?: readonly string[];
  /** Keys of the rows that an event may change; the root's is `['']`. */
  keys(event: RecordedEvent): readonly string[];
  /**
   * The row after the event: the same object when nothing changed, null to have none. Pure: no clock, no I/O.
   * A throw parks the stream.
   */
  apply(event: RecordedEvent, body: B | null, key: string): B | null;
  /** Values of the indexed columns. */
  columns(body: B, stream: string, key: string): Readonly<Record<string, ColumnValue>>;
};

/** The key of a root row. */
export const rootKey = '';

/** Declares a projection whose body type is then known only to itself. */
export function defineProjection<B extends Body>(projection: Projection<B>): Projection {
  // Rows come back from the database as the body that this projection wrote: the runtime never looks inside.
  return projection;
}

/** The projection whose row holds the revision of a stream. */
export function rootOf(projections: readonly Projection[]): Projection {
  const root = projections.find((projection) => projection.root);
  if (root === undefined) throw new Error('every stream prefix needs one root projection');
  return root;
}
