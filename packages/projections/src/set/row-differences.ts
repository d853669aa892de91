/**
 * Names the rows in which two sets differ.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import { rootKey, rootOf, type Projection } from '../projection/projection.ts';
import type { Query } from '../sql/types.ts';

/** A row of the live tables that is not what the log says. */
export type RowDifference = {
  readonly table: string;
  readonly stream: string;
  readonly key: string;
  /** `missing`: the log has it; `unexpected`: only the live table has it; `different`: both, not with the same content. */
  readonly kind: 'missing' | 'unexpected' | 'different';
  /** Columns, and fields of the body, that differ. */
  readonly fields: readonly string[];
};

/** The live schema, and one that was folded from the log up to `position`. */
export type ComparedSchemas = { readonly live: string; readonly fromLog: string; readonly position: bigint };

type Stored = Readonly<Record<string, unknown>>;

/**
 * At most `limit` rows of a table that differ. Streams to which the live set has applied an event after `position` are
 * left out: there a difference would be no defect.
 */
export async function rowDifferences(
  query: Query,
  { live, fromLog, position }: ComparedSchemas,
  projection: Projection,
  projections: readonly Projection[],
  limit: number,
): Promise<RowDifference[]> {
  const { table, handles } = projection;
  const root = rootOf(projections.filter((other) => other.handles.streamPrefix === handles.streamPrefix));
  const rows = await query<{ stream: string; key: string; live: Stored | null; fromLog: Stored | null }>(
    `select coalesce(l.stream, b.stream) as stream, coalesce(l.key, b.key) as key,
            to_jsonb(l) as live, to_jsonb(b) as "fromLog"
       from ${live}.${table.name} l
       full join ${fromLog}.${table.name} b on l.stream = b.stream and l.key = b.key
      where ${content('l', projection)} is distinct from ${content('b', projection)}
        and not exists (
              select from ${live}.${root.table.name} r
               where r.stream = coalesce(l.stream, b.stream) and r.key = '${rootKey}' and r.position > $1::int8)
      order by 1, 2 limit $2`,
    [position.toString(), limit],
  );
  return rows.map(({ stream, key, live: found, fromLog: expected }) => ({
    table: table.name,
    stream,
    key,
    kind: found === null ? 'missing' : expected === null ? 'unexpected' : 'different',
    fields: found === null || expected === null ? [] : fieldsThatDiffer(found, expected),
  }));
}

/** What later steps fill in may have moved on with other streams. */
function content(alias: string, { table }: Projection): string {
  const derived = (table.derivedColumns ?? []).map(({ name }) => ` - '${name}'`).join('');
  return derived === '' ? `row_to_json(${alias})::text` : `(to_jsonb(${alias})${derived})`;
}

function fieldsThatDiffer(found: Stored, expected: Stored): string[] {
  const flat = ({ body, ...columns }: Stored): Stored => ({
    ...columns,
    ...(isObject(body) ? Object.fromEntries(Object.entries(body).map(([name, value]) => [`body.${name}`, value])) : {}),
  });
  const [one, other] = [flat(found), flat(expected)];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((name) => !isDeepStrictEqual(one[name], other[name]))
    .sort();
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
