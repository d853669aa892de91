import type { Projection } from '../projection/projection.ts';
import type { Query } from '../sql/types.ts';

/** A table's content in one number: rows and the sum of their hashes, whatever their order. */
export type TableDigest = { readonly table: string; readonly rowCount: number; readonly digest: string };

/** Digests of all tables of a set: two sets with equal digests hold the same rows, byte for byte. */
export async function digestSet(
  query: Query,
  schema: string,
  projections: readonly Projection[],
): Promise<TableDigest[]> {
  const digests: TableDigest[] = [];
  for (const { table } of projections) {
    const [row] = await query<{ count: number; digest: string }>(
      `select count(*) as count,
              coalesce(sum(('x' || substr(md5(row_to_json(t)::text), 1, 15))::bit(60)::int8), 0)::text as digest
         from ${schema}.${table.name} t`,
      [],
    );
    digests.push({ table: table.name, rowCount: row?.count ?? 0, digest: row?.digest ?? '0' });
  }
  return digests;
}
