import type { Body, Projection } from '../projection/projection.ts';
import { toJsonb } from '../sql/jsonb.ts';
import type { Query } from '../sql/types.ts';
import type { Row, RowAddress } from './row.ts';
import { rowColumns } from './tables.ts';

type StoredRow = {
  readonly stream: string;
  readonly key: string;
  readonly revision: number;
  readonly position: string;
  readonly body: Body | null;
  readonly parked_revision?: number | null;
  readonly parked_error?: string | null;
};

/** Reads the rows of one table that a batch may change, in one statement. */
export async function readRows(
  query: Query,
  schema: string,
  projection: Projection,
  addresses: readonly RowAddress[],
): Promise<Row[]> {
  if (addresses.length === 0) return [];
  const parked = projection.root ? ', t.parked_revision, t.parked_error' : '';
  const found = await query<StoredRow>(
    `select t.stream, t.key, t.revision, t.position::text as position, t.body${parked}
       from jsonb_to_recordset($1::jsonb) as wanted(stream text, key text)
       join ${schema}.${projection.table.name} t on t.stream = wanted.stream and t.key = wanted.key`,
    [toJsonb(addresses)],
  );
  return found.map((row) => ({
    stream: row.stream,
    key: row.key,
    revision: row.revision,
    position: BigInt(row.position),
    body: row.body,
    parkedRevision: row.parked_revision ?? null,
    parkedError: row.parked_error ?? null,
  }));
}

/**
 * Writes rows in one statement per table: those without a body are deleted; a root stays,
 * since it holds its stream's revision.
 */
export async function writeRows(
  query: Query,
  schema: string,
  projection: Projection,
  rows: readonly Row[],
): Promise<void> {
  const isGone = (row: Row): boolean => row.body === null && !projection.root;
  const gone = rows.filter(isGone);
  const kept = rows.filter((row) => !isGone(row));
  if (gone.length > 0) await query(deleteStatement(schema, projection), [toJsonb(gone.map(addressOf))]);
  if (kept.length === 0) return;
  await query(upsertStatement(schema, projection), [toJsonb(kept.map((row) => storedForm(projection, row)))]);
}

function deleteStatement(schema: string, projection: Projection): string {
  return `delete from ${schema}.${projection.table.name} t
            using jsonb_to_recordset($1::jsonb) as gone(stream text, key text)
            where t.stream = gone.stream and t.key = gone.key`;
}

function upsertStatement(schema: string, projection: Projection): string {
  const columns = [
    ...rowColumns(projection.table),
    { name: 'body', type: 'jsonb' },
    ...(projection.root
      ? [
          { name: 'parked_revision', type: 'int8' },
          { name: 'parked_error', type: 'text' },
        ]
      : []),
  ];
  const names = columns.map((column) => column.name).join(', ');
  const typed = columns.map((column) => `${column.name} ${column.type}`).join(', ');
  const updates = columns
    .filter((column) => column.name !== 'stream' && column.name !== 'key')
    .map((column) => `${column.name} = excluded.${column.name}`)
    .join(', ');
  return `insert into ${schema}.${projection.table.name} (${names})
            select ${names} from jsonb_to_recordset($1::jsonb) as rows(${typed})
            on conflict (stream, key) do update set ${updates}`;
}

function addressOf(row: Row): RowAddress {
  return { stream: row.stream, key: row.key };
}

function storedForm(projection: Projection, row: Row): object {
  return {
    ...addressOf(row),
    revision: row.revision,
    position: row.position.toString(),
    ...(row.body === null ? {} : projection.columns(row.body, row.stream, row.key)),
    body: row.body,
    ...(projection.root ? { parked_revision: row.parkedRevision, parked_error: row.parkedError } : {}),
  };
}
