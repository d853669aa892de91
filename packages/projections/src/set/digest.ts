import type { Projection } from '../projection/projection.ts';
import { withoutCompiling } from '../sql/compiling.ts';
import type { Sql } from '../sql/types.ts';
import { createdColumns } from './tables.ts';

/** A table's content in one value: rows and the sums of their hashes, whatever their order. */
export type TableDigest = { readonly table: string; readonly rowCount: number; readonly digest: string };

/** The digests of a set, all as of one position. */
export type SetDigest = { readonly position: bigint; readonly tables: readonly TableDigest[] };

/**
 * Digests of all tables of a set and the position that they are complete up to, from one snapshot: whoever writes goes on
 * meanwhile. Two sets with equal digests hold the same rows, byte for byte: `jsonb` keeps JSON in one canonical form.
 * @param onPosition called when the position is known, before the tables are read
 */
export async function digestSet(
  sql: Sql,
  schema: string,
  projections: readonly Projection[],
  onPosition: (position: bigint) => void = () => {},
): Promise<SetDigest> {
  const tables = projections.map((projection) => tableDigest(schema, projection));
  return sql.tx(
    async (query) => {
      // The snapshot is taken by the first question after this.
      await query('set transaction isolation level repeatable read');
      await query(withoutCompiling);
      const [checkpoint] = await query<{ position: string }>(`select position::text from ${schema}.checkpoint`, []);
      const position = BigInt(checkpoint?.position ?? -1);
      onPosition(position);
      const [row] = await query<{ tables: readonly { count: number; digest: string }[] }>(
        `select jsonb_build_array(${tables.join(', ')}) as tables`,
        [],
      );
      return { position, tables: digestsOf(projections, row?.tables ?? []) };
    },
    { isLong: true },
  );
}

function digestsOf(
  projections: readonly Projection[],
  found: readonly { readonly count: number; readonly digest: string }[],
): TableDigest[] {
  return projections.map(({ table }, index) => ({
    table: table.name,
    rowCount: found[index]?.count ?? 0,
    digest: found[index]?.digest ?? '',
  }));
}

/** Each row is hashed twice with other seeds, and each of the two is added up: 128 bits. */
function tableDigest(schema: string, projection: Projection): string {
  // The body as text: hashing `jsonb` itself lets equal changes in two places of an array cancel each other out.
  const columns = createdColumns(projection).map(({ name, type }) => (type === 'jsonb' ? `${name}::text` : name));
  return `(select jsonb_build_object('count', count(*), 'digest', concat(${sumOf(1)}, '-', ${sumOf(2)}))
             from (select row(${columns.join(', ')}) as content from ${schema}.${projection.table.name} offset 0) rows)`;
}

function sumOf(seed: number): string {
  return `coalesce(sum(hash_record_extended(content, ${seed})), 0)`;
}
