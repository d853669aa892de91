import { Pool, type PoolClient } from 'pg';
import { DatabaseRefusedError, DatabaseTooOldError, DatabaseUnreachableError } from '../errors.ts';
import { PreparedNames } from './prepared-names.ts';
import { getTypeParser } from './type-parsers.ts';
import { copyInto } from './copy.ts';
import type { Copy, Query, Sql, SqlValue } from './types.ts';

const statementTimeoutMs = 60_000;
const longStatementTimeoutMs = 3_600_000;
/** The server is to give up first: it says why. */
const answerMarginMs = 5_000;

type PostgresOptions = {
  readonly databaseUrl: string;
  readonly connectionCountMax?: number;
  readonly connectTimeoutMs?: number;
};

/** PostgreSQL behind the common surface, through a bounded pool. */
export async function openPostgres(options: PostgresOptions, oldestMajor: number): Promise<Sql> {
  const address = withoutSecrets(options.databaseUrl);
  const pool = createPool(options);
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  try {
    await checkVersion(pool, address, oldestMajor);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const names = new PreparedNames();
  return {
    kind: 'postgres',
    query: queryOn(pool, names),
    tx: (work, { isLong = false } = {}) => inTransaction(pool, names, work, isLong),
    close: () => pool.end(),
  };
}

function createPool(options: PostgresOptions): Pool {
  return new Pool({
    connectionString: options.databaseUrl,
    max: options.connectionCountMax ?? 8,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + answerMarginMs,
    keepAlive: true,
    application_name: 'perennial',
    types: { getTypeParser },
  });
}

async function checkVersion(pool: Pool, address: string, oldestMajor: number): Promise<void> {
  const found = await pool.query<{ server_version: string }>('show server_version').catch((cause: unknown) => {
    throw isRefusal(cause) ? new DatabaseRefusedError(address, cause) : new DatabaseUnreachableError(address, cause);
  });
  const version = found.rows[0]?.server_version ?? '0';
  if (Number.parseInt(version, 10) < oldestMajor) throw new DatabaseTooOldError(version, oldestMajor);
}

/** The server answered, and said no: SQLSTATE class 28 (authorisation) or 3D (no such database). */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(28|3D)...$/.test(String(error.code));
}

function withoutSecrets(databaseUrl: string): string {
  try {
    const url = new URL(databaseUrl);
    return `${url.hostname}:${url.port || '5432'}${url.pathname}`;
  } catch {
    return 'the address in DATABASE_URL';
  }
}

async function inTransaction<T>(
  pool: Pool,
  names: PreparedNames,
  work: (query: Query, copy: Copy) => Promise<T>,
  isLong: boolean,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    if (isLong) await client.query(`set local statement_timeout to ${longStatementTimeoutMs}`);
    const query = isLong ? queryOn(client, names, longStatementTimeoutMs) : queryOn(client, names);
    const result = await work(query, copyInto(client));
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: unknown) => {
      broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
    });
    throw error;
  } finally {
    // A connection that cannot even roll back is thrown away; the server then ends its transaction.
    client.release(broken);
  }
}

function queryOn(runner: Pool | PoolClient, names: PreparedNames, timeoutMs = statementTimeoutMs): Query {
  const query_timeout = timeoutMs + answerMarginMs;
  return async <Row extends object>(text: string, values?: readonly SqlValue[]) => {
    const name = values ? names.nameOf(text) : undefined;
    // Known to the driver, but not to its types.
    const limits = { query_timeout };
    const result = await runner.query<Row>({
      ...limits,
      text,
      ...(values && { values: [...values] }),
      ...(name !== undefined && { name }),
    });
    // Several statements in one text give an array of results; the last one counts, as with PGlite.
    const last: { rows: Row[] } | undefined = Array.isArray(result) ? result.at(-1) : result;
    return last?.rows ?? [];
  };
}
