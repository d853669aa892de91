import type { Projection } from '../projection/projection.ts';
import { withoutCompiling } from '../sql/compiling.ts';
import type { Sql } from '../sql/types.ts';

/** A table's content in one value: rows and the sums of their hashes, whatever their order. */
export type TableDigest = { readonly table: string; readonly rowCount: number; readonly digest: string };

/** The digests of a set, all as of one position. */
export type SetDigest = { readonly position: bigint; readonly tables: readonly TableDigest[] };

/**
 * Digests of all tables of a set and the position that they are complete up to, from one snapshot: whoever writes goes on
 * meanwhile. Two sets with equal digests hold the same rows, byte for byte: `jsonb` keeps JSON in one canonical form.
 */
export async function digestSet(sql: Sql, schema: string, projections: readonly Projection[]): Promise<SetDigest> {
  const tables = projections.map(({ table }) => tableDigest(schema, table.name));
  const [row] = await sql.tx(async (query) => {
    await query(withoutCompiling);
    return query<{ position: string; tables: readonly { count: number; digest: string }[] }>(
      `select (select position::text from ${schema}.checkpoint) as position,
              jsonb_build_array(${tables.join(', ')}) as tables`,
      [],
    );
  });
  return {
    position: BigInt(row?.position ?? -1),
    tables: projections.map(({ table }, index) => ({
      table: table.name,
      rowCount: row?.tables[index]?.count ?? 0,
      digest: row?.tables[index]?.digest ?? '',
    })),
  };
}

/** The two halves of each row's hash are added up apart: 120 bits. */
function tableDigest(schema: string, table: string): string {
  return `(select jsonb_build_object('count', count(*), 'digest', concat(${half(1)}, '-', ${half(16)}))
             from (select md5(row_to_json(t)::text) as hash from ${schema}.${table} t) hashes)`;
}

function half(from: number): string {
  return `coalesce(sum(('x' || substr(hash, ${from}, 15))::bit(60)::int8), 0)`;
}
