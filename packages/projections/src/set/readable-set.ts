/**
 * Whether this release can read, and go on folding, a set that another release made: while its own is being built.
 *
 * @module
 */
import type { Projection } from '../projection/projection.ts';
import type { Query } from '../sql/types.ts';
import { createdColumns } from './tables.ts';
import { signatureOf, type VersionSet } from './version-set.ts';

/** The projections of this release that have a table in a set, less those whose streams no table of it guards. */
export function projectionsWithin(
  set: Pick<VersionSet, 'signature'>,
  projections: readonly Projection[],
): Projection[] {
  const versions = versionsOf(set.signature);
  const there = projections.filter(({ name }) => versions.has(name));
  const guarded = new Set(there.filter(({ root }) => root).map(({ handles }) => handles.streamPrefix));
  return there.filter(({ handles }) => guarded.has(handles.streamPrefix));
}

/** Why this release cannot read a set; undefined when it can. */
export async function unreadableBecause(
  query: Query,
  set: Pick<VersionSet, 'signature' | 'schema'>,
  projections: readonly Projection[],
): Promise<string | undefined> {
  if (set.signature === signatureOf(projections)) return undefined;
  const versions = versionsOf(set.signature);
  const found = await columnsOf(query, set.schema);
  for (const projection of projectionsWithin(set, projections)) {
    const { name, version, rowsReadableSince = 1, table } = projection;
    const there = versions.get(name) ?? 0;
    if (there > version) return `rows of ${name}@${there} are those of a newer release`;
    if (there < rowsReadableSince)
      return `rows of ${name}@${there} mean something else than those of ${name}@${version}`;
    const columns = found.get(table.name) ?? new Map<string, string>();
    const differing = createdColumns(projection).find((column) => columns.get(column.name) !== dataTypes[column.type]);
    if (differing)
      return `the table of ${name}@${there} has no column ${differing.name} as ${name}@${version} needs it`;
  }
  return undefined;
}

const dataTypes = { text: 'text', int8: 'bigint', boolean: 'boolean', jsonb: 'jsonb' } as const;

function versionsOf(signature: string): Map<string, number> {
  return new Map(
    signature.split(' ').map((named) => {
      const [name = '', version = '0'] = named.split('@');
      return [name, Number(version)];
    }),
  );
}

async function columnsOf(query: Query, schema: string): Promise<Map<string, Map<string, string>>> {
  const rows = await query<{ table: string; column: string; type: string }>(
    `select table_name::text as table, column_name::text as column, data_type::text as type
       from information_schema.columns where table_schema = $1`,
    [schema],
  );
  const tables = new Map<string, Map<string, string>>();
  for (const { table, column, type } of rows) {
    const columns = tables.get(table) ?? new Map<string, string>();
    tables.set(table, columns.set(column, type));
  }
  return tables;
}
