/**
 * A version set: all projections of one release with tables of their own, so that a new release, or a rebuild, can fill
 * its tables beside the live ones and take over in one step.
 *
 * @module
 */
import { reconcileFeed } from '../feed/reconcile.ts';
import type { Projection } from '../projection/projection.ts';
import { migrationLock } from '../sql/migrate.ts';
import { withoutCompiling } from '../sql/compiling.ts';
import { isRolledBackByChance } from '../sql/questions.ts';
import type { Query, Sql } from '../sql/types.ts';
import { CheckpointMovedError, readCheckpoint } from './checkpoint.ts';
import { createSetStatements } from './tables.ts';
import { indexTables } from './index-tables.ts';

/** `building`: not read from yet. `active`: what every read uses. `retired`: kept for going back. */
export type SetStatus = 'building' | 'active' | 'retired';

/** Why a set was made: for a release with other projections, for a rebuild, or only to compare. */
export type SetPurpose = 'release' | 'rebuild' | 'verify';

/** A set as it is registered. */
export type VersionSet = {
  readonly setId: number;
  readonly schema: string;
  readonly status: SetStatus;
  readonly purpose: SetPurpose;
  /** `name@version` of every projection in it. */
  readonly signature: string;
  /** Whether the bulk of the log is in it and its indexes are made. */
  readonly isFilled: boolean;
  /** Whether it waits for somebody to switch to it. */
  readonly isByHand: boolean;
  /** Whether code of another release has written into it. */
  readonly isMixed: boolean;
  /** Events that were folded into it from the log, for showing progress. */
  readonly eventCount: number;
  /** Names of the projections that are folded from the log, the others are taken over; null for all. */
  readonly folded: readonly string[] | null;
};

/** The sets that a release works on. */
export type SetsOfRelease = {
  readonly active: VersionSet;
  /** A set of this release that will take over. */
  readonly building?: VersionSet;
  /** A set of this release to go back to. */
  readonly kept?: VersionSet;
};

type StoredSet = {
  readonly set_id: number;
  readonly schema_name: string;
  readonly status: SetStatus;
  readonly projections: string;
  readonly purpose: SetPurpose;
  readonly filled: boolean;
  readonly by_hand: boolean;
  readonly mixed: boolean;
  readonly event_count: number;
  readonly folded: string | null;
};

const columns = 'set_id, schema_name, status, projections, purpose, filled, by_hand, mixed, event_count, folded';

/** A set that nobody has worked on for so long was left behind by a process that ended. */
const abandonedAfterS = 60;

/** What the code of this release projects: sets with another signature belong to other releases. */
export function signatureOf(projections: readonly Projection[]): string {
  return projections
    .map(({ name, version }) => `${name}@${version}`)
    .sort()
    .join(' ');
}

/** Every set, the newest first. */
export async function listVersionSets(query: Query): Promise<VersionSet[]> {
  const sets = await query<StoredSet>(`select ${columns} from perennial.version_sets order by set_id desc`, []);
  return sets.map(toVersionSet);
}

/**
 * The sets of this release. The very first set is active at once: there is nothing else to read from. Where the active
 * set was made by other projections, one of this release is built beside it: the one that was begun, or the one that was
 * kept when a newer release took over, or a new one. What other releases left half built is dropped.
 */
export async function ensureVersionSets(sql: Sql, projections: readonly Projection[]): Promise<SetsOfRelease> {
  return exclusively(sql, async (query) => {
    const signature = signatureOf(projections);
    const sets = (await listVersionSets(query)).filter(({ purpose }) => purpose !== 'verify');
    const active = sets.find(({ status }) => status === 'active');
    if (active === undefined) {
      return { active: await createSet(query, projections, { status: 'active', purpose: 'release' }) };
    }
    for (const set of sets) {
      if (set.status === 'building' && set.signature !== signature) await dropSet(query, set);
    }
    const own = sets.filter((set) => isOwnSet(set, projections));
    const building = own.find(({ status }) => status === 'building');
    const kept = own.find(({ status }) => status === 'retired');
    if (isOwnSet(active, projections)) return { active, ...(building && { building }), ...(kept && { kept }) };
    return { active, building: building ?? (await takeUpAgain(query, kept)) ?? (await createNext(query, projections)) };
  });
}

/** Whether a set holds what this release folds, and nothing that another one wrote. */
export function isOwnSet(set: Pick<VersionSet, 'signature' | 'isMixed'>, projections: readonly Projection[]): boolean {
  return set.signature === signatureOf(projections) && !set.isMixed;
}

async function createNext(query: Query, projections: readonly Projection[]): Promise<VersionSet> {
  return createSet(query, projections, { status: 'building', purpose: 'release' });
}

/** The set that was kept when a newer release took over: only what happened since then is missing. */
async function takeUpAgain(query: Query, kept: VersionSet | undefined): Promise<VersionSet | undefined> {
  if (kept === undefined) return undefined;
  const [set] = await query<StoredSet>(
    `update perennial.version_sets set status = 'building', by_hand = false, folded = null where set_id = $1 returning ${columns}`,
    [kept.setId],
  );
  return set && toVersionSet(set);
}

/** The set that reads use; undefined before the first start of the projections. */
export async function activeVersionSet(sql: Sql): Promise<VersionSet | undefined> {
  const [set] = await sql.query<StoredSet>(`select ${columns} from perennial.version_sets where status = 'active'`, []);
  return set && toVersionSet(set);
}

/**
 * The set that a rebuild fills: a new one, or the one that is being built already (`isNew` tells). What was kept for
 * going back is dropped, so that there are never more than two sets.
 */
export async function beginRebuild(
  sql: Sql,
  projections: readonly Projection[],
  how: { readonly isByHand: boolean; readonly folded: readonly string[] | null },
): Promise<{ readonly set: VersionSet; readonly isNew: boolean }> {
  return exclusively(sql, async (query) => {
    const sets = await listVersionSets(query);
    const building = sets.find(({ status, purpose }) => status === 'building' && purpose !== 'verify');
    if (building) return { set: building, isNew: false };
    for (const set of sets) if (set.status === 'retired') await dropSet(query, set);
    const set = await createSet(query, projections, { status: 'building', purpose: 'rebuild', ...how });
    return { set, isNew: true };
  });
}

/** A set that is only compared with, and dropped afterwards. Those that an ended process left behind are dropped here. */
export async function createComparedSet(sql: Sql, projections: readonly Projection[]): Promise<VersionSet> {
  return exclusively(sql, async (query) => {
    const abandoned = await query<StoredSet>(
      `select ${columns} from perennial.version_sets
        where purpose = 'verify' and touched_at < now() - interval '${abandonedAfterS} s'`,
      [],
    );
    for (const set of abandoned) await dropSet(query, toVersionSet(set));
    return createSet(query, projections, { status: 'building', purpose: 'verify' });
  });
}

/**
 * Counts events that were folded into a set, in the transaction that writes them; says as well that somebody works on it.
 *
 * @throws CheckpointMovedError when tables were copied into it meanwhile: nothing may be folded beyond their position
 */
export async function countFolded(query: Query, schema: string, eventCount: number): Promise<void> {
  const counted = await query(
    `update perennial.version_sets set touched_at = now(), event_count = event_count + $2
      where schema_name = $1 and copied_at is null returning set_id`,
    [schema, eventCount],
  );
  if (counted.length === 0) throw new CheckpointMovedError(`somebody else completes ${schema}: look at it anew`);
}

/** Remembers that a set is followed by code of another release. */
export async function markMixed(sql: Sql, setId: number): Promise<void> {
  await sql.query('update perennial.version_sets set mixed = true where set_id = $1', [setId]);
}

/** Makes the indexes of a set that was filled without them, and then the marks of its feed; `finish` runs in the transaction of the latter. */
export async function finishFilling(
  sql: Sql,
  set: VersionSet,
  projections: readonly Projection[],
  finish: (query: Query) => Promise<void>,
): Promise<void> {
  await indexTables(sql, set.schema, projections);
  await sql.tx(
    async (query) => {
      await query(withoutCompiling);
      await finish(query);
      // One that takes over is reconciled when it does.
      if (set.status === 'active') await reconcileFeed(query, set.schema);
      await query('update perennial.version_sets set filled = true where set_id = $1', [set.setId]);
    },
    { isLong: true },
  );
}

/**
 * Makes a set the one that reads use, in one step: the name, and the marks that bring the feed to the rows of the set. The
 * one before it stays for going back. Answers false, and changes nothing, when the set is behind the one it would replace
 * (its last events are to be taken in first), or when another set took over meanwhile.
 */
export async function switchVersionSet(
  sql: Sql,
  { from, to }: { readonly from: VersionSet; readonly to: VersionSet },
): Promise<boolean> {
  return exclusively(sql, async (query) => {
    const sets = await listVersionSets(query);
    const find = (setId: number): VersionSet | undefined => sets.find((set) => set.setId === setId);
    if (find(from.setId)?.status !== 'active' || find(to.setId) === undefined) return false;
    // Whoever writes rows locks the checkpoint first.
    for (const { schema } of [from, to]) await query(`select from ${schema}.checkpoint for update`);
    const [old, next] = [await readCheckpoint(query, from.schema), await readCheckpoint(query, to.schema)];
    if (next.position < old.position) return false;
    await query(`update perennial.version_sets set status = 'retired' where set_id = $1`, [from.setId]);
    await query(`update perennial.version_sets set status = 'active' where set_id = $1`, [to.setId]);
    await reconcileFeed(query, to.schema);
    return true;
  });
}

/** Drops a set that nobody reads from; the active one stays. */
export async function dropVersionSet(sql: Sql, set: VersionSet): Promise<void> {
  await exclusively(sql, (query) => dropSet(query, set));
}

async function dropSet(query: Query, set: VersionSet): Promise<void> {
  // Whoever writes rows locks the checkpoint first: then the tables are nobody else's in the midst of a batch.
  const [exists] = await query<{ found: boolean }>(
    `select to_regclass('${set.schema}.checkpoint') is not null as found`,
    [],
  );
  if (exists?.found) await query(`select from ${set.schema}.checkpoint for update`);
  const gone = await query<{ set_id: number }>(
    `delete from perennial.version_sets where set_id = $1 and status <> 'active' returning set_id`,
    [set.setId],
  );
  if (gone.length > 0) await query(`drop schema if exists ${set.schema} cascade`);
}

type NewSet = {
  readonly status: SetStatus;
  readonly purpose: SetPurpose;
  readonly isByHand?: boolean;
  readonly folded?: readonly string[] | null;
};

async function createSet(query: Query, projections: readonly Projection[], how: NewSet): Promise<VersionSet> {
  const [last] = await query<{ set_id: number }>(
    'select coalesce(max(set_id), 0) as set_id from perennial.version_sets',
  );
  const setId = (last?.set_id ?? 0) + 1;
  const schema = `perennial_set_${setId}`;
  // A crash between two releases cannot leave it behind (one transaction), but a hand may have.
  await query(`drop schema if exists ${schema} cascade`);
  await query(createSetStatements(schema, projections));
  const [set] = await query<StoredSet>(
    `insert into perennial.version_sets (set_id, schema_name, projections, status, purpose, by_hand, folded, filled)
       values ($1, $2, $3, $4, $5, $6, $7, false) returning ${columns}`,
    [
      setId,
      schema,
      signatureOf(projections),
      how.status,
      how.purpose,
      how.isByHand ?? false,
      how.folded?.join(' ') ?? null,
    ],
  );
  if (set === undefined) throw new Error('the database did not answer the row it was given');
  return toVersionSet(set);
}

/** One at a time in the whole database. */
/** Readers of a set that is dropped lock its tables in an order of their own, so the database may have to end one of the two. */
const deadlockAttemptCountMax = 5;

async function exclusively<T>(sql: Sql, work: (query: Query) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sql.tx(async (query) => {
        await query('select pg_advisory_xact_lock($1::bigint)', [migrationLock]);
        return work(query);
      });
    } catch (error) {
      // Nothing of it was done, and whoever it met has gone on: the same again is another meeting.
      if (!isRolledBackByChance(error) || attempt === deadlockAttemptCountMax) throw error;
    }
  }
}

function toVersionSet(set: StoredSet): VersionSet {
  return {
    setId: set.set_id,
    schema: set.schema_name,
    status: set.status,
    purpose: set.purpose,
    signature: set.projections,
    isFilled: set.filled,
    isByHand: set.by_hand,
    isMixed: set.mixed,
    eventCount: set.event_count,
    folded: set.folded?.split(' ') ?? null,
  };
}
