import type { Role } from '../ports.ts';
import { readCheckpoint } from '../set/checkpoint.ts';
import { listVersionSets, type SetPurpose } from '../set/version-set.ts';
import type { Sql } from '../sql/types.ts';
import type { Comparison } from './compare-sets.ts';
import type { OpenedSet } from './opened-set.ts';
import type { SetBuild } from './set-build.ts';

/** A version set and how far it is. */
export type SetReport = {
  /** Its schema. */
  readonly set: string;
  readonly status: 'active' | 'building' | 'kept';
  readonly purpose: SetPurpose;
  /** `name@version` of every projection in it. */
  readonly projections: readonly string[];
  /** Of the live one what the role says; of one that is built its phase; `frozen`: kept for an older release. */
  readonly state:
    | 'starting'
    | 'running'
    | 'failing'
    | 'stopped'
    | 'filling'
    | 'following'
    | 'ready'
    | 'frozen'
    | 'verifying';
  readonly position: string;
  /** Where the log ends. */
  readonly end: string;
  /** Events folded into it from the log while it was built. */
  readonly eventCount: number;
  readonly eventsPerSecond: number;
  /** Seconds until it is complete; null when nobody can say. */
  readonly etaS: number | null;
  /** Names of the projections that are folded from the log; null for all, and where none are any more. */
  readonly folded: readonly string[] | null;
  /** Whether it waits for somebody to switch. */
  readonly isByHand: boolean;
  /** What comparing it with the live set showed. */
  readonly comparison: Comparison | null;
};

/** What this process knows of the sets it works on. */
export type KnownSets = {
  readonly live: OpenedSet | undefined;
  readonly build: SetBuild | undefined;
  readonly kept: OpenedSet | undefined;
  readonly status: ReturnType<Role['status']>;
};

/** All sets in the database, the newest first. */
export async function reportSets(sql: Sql, end: bigint, known: KnownSets): Promise<SetReport[]> {
  const reports: SetReport[] = [];
  for (const set of await listVersionSets(sql.query)) {
    const build = known.build?.set.setId === set.setId ? known.build : undefined;
    const { position } = await readCheckpoint(sql.query, set.schema);
    const progress = build?.progress(end);
    reports.push({
      set: set.schema,
      status: set.status === 'retired' ? 'kept' : set.status,
      purpose: set.purpose,
      projections: set.signature.split(' '),
      state: stateOf(set, known),
      // What is folded and not written yet counts: it is written in big steps.
      position: (progress && progress.position > position ? progress.position : position).toString(),
      end: end.toString(),
      eventCount: Math.max(set.eventCount, progress?.eventCount ?? 0),
      eventsPerSecond: progress?.eventsPerSecond ?? 0,
      etaS: set.status === 'building' ? (progress?.etaS ?? null) : 0,
      folded: set.status === 'building' ? set.folded : null,
      isByHand: set.isByHand,
      comparison: build?.comparison ?? null,
    });
  }
  return reports;
}

function stateOf(
  set: Awaited<ReturnType<typeof listVersionSets>>[number],
  { build, kept, status }: KnownSets,
): SetReport['state'] {
  if (set.status === 'active') return status.state;
  if (set.purpose === 'verify') return 'verifying';
  if (set.status === 'building')
    return build?.set.setId === set.setId ? build.phase : set.isFilled ? 'following' : 'filling';
  return kept?.set.setId === set.setId ? 'following' : 'frozen';
}
