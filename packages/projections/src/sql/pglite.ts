import type { Query, Sql, SqlValue } from './types.ts';

/** PostgreSQL's numbers of the types whose JSON would differ between the two drivers. */
const int8Type = 20;
const dateType = 1082;

type QueryOptions = { readonly parsers: Record<number, (text: string) => unknown> };

type PgliteRunner = {
  query(text: string, values?: unknown[], options?: QueryOptions): Promise<{ rows: unknown[] }>;
  exec(text: string, options?: QueryOptions): Promise<{ rows: unknown[] }[]>;
};

/** What is used of a PGlite; structural, so that this package does not depend on it. */
export type PgliteDatabase = PgliteRunner & {
  transaction<T>(work: (transaction: PgliteRunner) => Promise<T>): Promise<T>;
};

/** PGlite behind the common surface. One connection: statements are serial, a transaction holds all others back. */
export function openPglite(database: PgliteDatabase): Sql {
  return {
    kind: 'pglite',
    query: queryOn(database),
    tx: (work) => database.transaction((transaction) => work(queryOn(transaction))),
    close: () => Promise.resolve(),
  };
}

function queryOn(runner: PgliteRunner): Query {
  // Fresh options each time: the driver owns what it is given.
  const options = (): QueryOptions => ({ parsers: { [int8Type]: Number, [dateType]: (text) => text } });
  return async <Row extends object>(text: string, values?: readonly SqlValue[]) => {
    const rows = values
      ? (await runner.query(text, [...values], options())).rows
      : ((await runner.exec(text, options())).at(-1)?.rows ?? []);
    // The statement's author names the row's type; no driver can check it.
    return rows as Row[];
  };
}
