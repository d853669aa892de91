/** Values that a statement takes: both engines read them the same way. Positions are passed as decimal strings. */
export type SqlValue = string | number | boolean | null | readonly string[];

/** Runs one statement. With `values` it is prepared by its text, so texts must come from a fixed set. */
export type Query = <Row extends object = Record<string, unknown>>(
  text: string,
  values?: readonly SqlValue[],
) => Promise<Row[]>;

/**
 * Copies lines in the text format of `COPY` (each with its end) into a table, `schema.table (columns)`: the cheapest way to
 * write many rows that are not there yet.
 */
export type Copy = (table: string, lines: Iterable<string>) => Promise<void>;

/**
 * One database, PostgreSQL or PGlite, with the same results from both: `int8` as number, dates as strings, `jsonb` parsed.
 */
export type Sql = {
  readonly kind: 'postgres' | 'pglite';
  readonly query: Query;
  /**
   * Runs `work` in one transaction; rolled back when it throws. Only PostgreSQL has a `copy`. Where it `isLong`, a statement
   * may take an hour instead of a minute: what goes over whole tables.
   */
  tx<T>(work: (query: Query, copy?: Copy) => Promise<T>, options?: { readonly isLong?: boolean }): Promise<T>;
  close(): Promise<void>;
};
