import type { Projection } from '../projection/projection.ts';
import { copyJson, copyText } from '../sql/copy.ts';
import { toJsonb } from '../sql/jsonb.ts';
import type { Copy, Query } from '../sql/types.ts';
import type { ChangedRows } from './row-memory.ts';
import { writeRows } from './row-store.ts';
import type { Row } from './row.ts';
import { rowColumns } from './tables.ts';

/** Writes what changed in one table while a set is filled: rows that are new are copied in, where the database can. */
export async function writeRowsInBulk(
  query: Query,
  copy: Copy | undefined,
  schema: string,
  { projection, added, replaced, removed }: ChangedRows,
): Promise<void> {
  const isCopied = copy !== undefined && added.length > 0;
  if (isCopied) await copy(copyTarget(schema, projection), linesOf(projection, added));
  for (const rows of pagesOf([...removed, ...replaced, ...(isCopied ? [] : added)])) {
    await writeRows(query, schema, projection, rows);
  }
}

/** A parameter is held several times while it is sent. */
const rowsPerStatementMax = 2_000;

function* pagesOf(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += rowsPerStatementMax)
    yield rows.slice(from, from + rowsPerStatementMax);
}

function copyTarget(schema: string, { table, root }: Projection): string {
  const names = [
    ...rowColumns(table).map(({ name }) => name),
    'body',
    ...(root ? ['parked_revision', 'parked_error'] : []),
  ];
  return `${schema}.${table.name} (${names.join(', ')})`;
}

function* linesOf(projection: Projection, rows: readonly Row[]): Generator<string> {
  for (const row of rows) yield lineOf(projection, row);
}

function lineOf(projection: Projection, row: Row): string {
  const { stream, key, revision, position, body } = row;
  let line = `${copyText(stream)}\t${copyText(key)}\t${revision}\t${position}`;
  const columns = body === null ? {} : projection.columns(body, stream, key);
  for (const { name } of projection.table.columns) line += `\t${copyText(columns[name] ?? null)}`;
  line += body === null ? '\t\\N' : `\t${copyJson(toJsonb(body))}`;
  if (projection.root) line += `\t${row.parkedRevision ?? '\\N'}\t${copyText(row.parkedError)}`;
  return `${line}\n`;
}
