import { PreparedNames } from './prepared-names.ts';
import type { Query, Sql, SqlValue } from './types.ts';
import { boundMessage, rowsOfAnswer, simpleMessage, type WireMessage } from './wire.ts';

/** What is used of a PGlite; structural, so that this package does not depend on it. */
export type PgliteDatabase = {
  readonly closed: boolean;
  execProtocolStream(message: Uint8Array, options: { readonly syncToFs: boolean }): Promise<readonly WireMessage[]>;
  runExclusive<T>(work: () => Promise<T>): Promise<T>;
};

/**
 * PGlite behind the common surface. One connection: statements are serial, a transaction holds all others back; nobody
 * else may use the database meanwhile.
 *
 * PGlite's own `query` parses and plans every statement anew, in six steps each of which enters the database. Speaking
 * the protocol, a statement is prepared once and then takes one step.
 */
export function openPglite(database: PgliteDatabase): Sql {
  const query = queryOn(database);
  const inTurn = createTurns();
  return {
    kind: 'pglite',
    query: (text, values) => inTurn(() => query(text, values)),
    tx: (work) => inTurn(() => inTransaction(query, work)),
    close: () => inTurn(() => Promise.resolve()),
  };
}

/** One after the other, in the order of the calls. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return async <T>(work: () => Promise<T>) => {
    const turn = last.then(work);
    // Whoever asked for it sees the failure; the next turn comes all the same.
    last = turn.catch(() => undefined);
    return turn;
  };
}

async function inTransaction<T>(query: Query, work: (query: Query) => Promise<T>): Promise<T> {
  await query('begin');
  try {
    const result = await work(query);
    await query('commit');
    return result;
  } catch (error) {
    await query('rollback');
    throw error;
  }
}

function queryOn(database: PgliteDatabase): Query {
  const names = new PreparedNames();
  const prepared = new Set<string>();
  const run = (message: Uint8Array): Promise<readonly WireMessage[]> => {
    if (database.closed) throw new Error('the embedded database is closed: stop what still asks it first');
    // What PGlite holds can be rebuilt: it is never synced to the disk.
    return database.runExclusive(() => database.execProtocolStream(message, { syncToFs: false }));
  };
  const runBound = async (text: string, values: readonly SqlValue[]): Promise<readonly WireMessage[]> => {
    const statement = names.nameOf(text) ?? '';
    const messages = await run(boundMessage(text, values, { statement, isPrepared: prepared.has(statement) }));
    if (statement !== '') prepared.add(statement);
    return messages;
  };
  return async <Row extends object>(text: string, values?: readonly SqlValue[]) => {
    const messages = await (values ? runBound(text, values) : run(simpleMessage(text)));
    // The statement's author names the row's type; no driver can check it.
    return rowsOfAnswer(messages) as Row[];
  };
}
