import type { Projection } from '../projection/projection.ts';
import { withoutCompiling } from '../sql/compiling.ts';
import type { Sql } from '../sql/types.ts';
import { CheckpointMovedError, readCheckpoint } from './checkpoint.ts';
import { createdColumns } from './tables.ts';
import { listVersionSets, type VersionSet } from './version-set.ts';

/**
 * Copies tables of the live set into one that is built, all as of one position, and remembers which: writers of the live
 * set go on meanwhile, and what they write is not in the copy. Answers the position.
 *
 * @throws CheckpointMovedError when the live set is another one by now
 */
export async function copyTables(
  sql: Sql,
  { live, built }: { readonly live: Pick<VersionSet, 'setId' | 'schema'>; readonly built: VersionSet },
  projections: readonly Projection[],
): Promise<bigint> {
  return sql.tx(
    async (query) => {
      await query('set transaction isolation level repeatable read');
      await query(withoutCompiling);
      const active = (await listVersionSets(query)).find(({ status }) => status === 'active');
      if (active?.setId !== live.setId || !active.isFilled || active.isMixed) {
        throw new CheckpointMovedError(`${live.schema} is no longer the live set: look at the sets anew`);
      }
      const { position } = await readCheckpoint(query, live.schema);
      for (const projection of projections) {
        const table = projection.table.name;
        const columns = createdColumns(projection).map(({ name }) => name);
        await query(
          `insert into ${built.schema}.${table} (${columns.join(', ')}) select ${columns.join(', ')} from ${live.schema}.${table}`,
        );
      }
      await query('update perennial.version_sets set copied_at = $2::int8, touched_at = now() where set_id = $1', [
        built.setId,
        position.toString(),
      ]);
      return position;
    },
    { isLong: true },
  );
}

/** The position that tables were copied at; undefined while none were. */
export async function readCopiedAt(sql: Sql, setId: number): Promise<bigint | undefined> {
  const [row] = await sql.query<{ at: string | null }>(
    'select copied_at::text as at from perennial.version_sets where set_id = $1',
    [setId],
  );
  return row?.at === undefined || row.at === null ? undefined : BigInt(row.at);
}
