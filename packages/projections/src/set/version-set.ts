/**
 * A version set: all projections of one release with tables of their own, so that a new release can fill its tables
 * beside the old ones and take over in one step.
 *
 * @module
 */
import type { Projection } from '../projection/projection.ts';
import { migrationLock } from '../sql/migrate.ts';
import type { Query, Sql } from '../sql/types.ts';
import { createSetStatements } from './tables.ts';

/** `building`: not read from yet. `active`: what every read uses. `retired`: kept for going back. */
export type SetStatus = 'building' | 'active' | 'retired';

/** A set as it is registered. */
export type VersionSet = {
  readonly setId: number;
  readonly schema: string;
  readonly status: SetStatus;
};

type StoredSet = { readonly set_id: number; readonly schema_name: string; readonly status: SetStatus };

/** What the code of this release projects: sets with another signature belong to other releases. */
export function signatureOf(projections: readonly Projection[]): string {
  return projections
    .map(({ name, version }) => `${name}@${version}`)
    .sort()
    .join(' ');
}

/**
 * The set that this release fills: the active one if it was made by the same projections, else one that is being built,
 * else a new one. The very first set is active at once: there is nothing else to read from.
 */
export async function ensureVersionSet(sql: Sql, projections: readonly Projection[]): Promise<VersionSet> {
  return sql.tx(async (query) => {
    await query('select pg_advisory_xact_lock($1::bigint)', [migrationLock]);
    const sets = await query<StoredSet & { readonly projections: string }>(
      'select set_id, schema_name, status, projections from perennial.version_sets order by set_id desc',
    );
    const signature = signatureOf(projections);
    const own = sets.filter((set) => set.projections === signature && set.status !== 'retired');
    const found = own.find((set) => set.status === 'active') ?? own[0];
    if (found) return toVersionSet(found);
    const status = sets.some((set) => set.status === 'active') ? 'building' : 'active';
    return createVersionSet(query, { setId: (sets[0]?.set_id ?? 0) + 1, status, projections });
  });
}

/** The set that reads use; undefined before the first start of the projections. */
export async function activeVersionSet(sql: Sql): Promise<VersionSet | undefined> {
  const [set] = await sql.query<StoredSet>(
    `select set_id, schema_name, status from perennial.version_sets where status = 'active'`,
    [],
  );
  return set && toVersionSet(set);
}

/** Makes a set the one that reads use. The one before it stays for going back; older ones are dropped. */
export async function activateVersionSet(sql: Sql, setId: number): Promise<void> {
  await sql.tx(async (query) => {
    await query('select pg_advisory_xact_lock($1::bigint)', [migrationLock]);
    const old = await query<StoredSet>(
      `delete from perennial.version_sets where status = 'retired' and set_id <> $1 returning set_id, schema_name, status`,
      [setId],
    );
    for (const set of old) await query(`drop schema if exists ${set.schema_name} cascade`);
    await query(`update perennial.version_sets set status = 'retired' where status = 'active' and set_id <> $1`, [
      setId,
    ]);
    await query(`update perennial.version_sets set status = 'active' where set_id = $1`, [setId]);
  });
}

/** Makes a further, empty set of the same projections: for a rebuild beside the live one. */
export async function createBuildingSet(sql: Sql, projections: readonly Projection[]): Promise<VersionSet> {
  return sql.tx(async (query) => {
    await query('select pg_advisory_xact_lock($1::bigint)', [migrationLock]);
    const [last] = await query<{ set_id: number }>('select max(set_id) as set_id from perennial.version_sets');
    return createVersionSet(query, { setId: (last?.set_id ?? 0) + 1, status: 'building', projections });
  });
}

/** Drops a set that nobody reads from. */
export async function dropVersionSet(sql: Sql, set: VersionSet): Promise<void> {
  await sql.tx(async (query) => {
    await query(`delete from perennial.version_sets where set_id = $1 and status <> 'active'`, [set.setId]);
    await query(`drop schema if exists ${set.schema} cascade`);
  });
}

async function createVersionSet(
  query: Query,
  set: { readonly setId: number; readonly status: SetStatus; readonly projections: readonly Projection[] },
): Promise<VersionSet> {
  const schema = `perennial_set_${set.setId}`;
  // A crash between two releases cannot leave it behind (one transaction), but a hand may have.
  await query(`drop schema if exists ${schema} cascade`);
  await query(createSetStatements(schema, set.projections));
  await query('insert into perennial.version_sets (set_id, schema_name, projections, status) values ($1, $2, $3, $4)', [
    set.setId,
    schema,
    signatureOf(set.projections),
    set.status,
  ]);
  return { setId: set.setId, schema, status: set.status };
}

function toVersionSet(set: StoredSet): VersionSet {
  return { setId: set.set_id, schema: set.schema_name, status: set.status };
}
