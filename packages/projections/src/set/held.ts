import type { Projection } from '../projection/projection.ts';
import type { Query } from '../sql/types.ts';

/** A stream whose events wait because one of them could not be handled. */
export type HeldStreamRow = {
  readonly stream: string;
  /** The last revision that is in the read models. */
  readonly revision: number;
  readonly parkedRevision: number;
  readonly error: string;
};

/** Streams that are held, at most `limit`. */
export async function heldStreams(
  query: Query,
  schema: string,
  projections: readonly Projection[],
  limit: number,
): Promise<HeldStreamRow[]> {
  const tables = projections.filter((projection) => projection.root).map((projection) => projection.table.name);
  const statements = tables.map(
    (table) =>
      `select stream, revision, parked_revision as "parkedRevision", parked_error as error
         from ${schema}.${table} where parked_revision is not null`,
  );
  return query<HeldStreamRow>(`${statements.join(' union all ')} order by stream limit $1`, [limit]);
}
