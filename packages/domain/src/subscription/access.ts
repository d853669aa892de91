import type { Instant } from '../instant.ts';
import { policyOf } from './decide.ts';
import { deadlinesOf } from './deadlines.ts';
import type { SubscriptionHeader, SubscriptionStatus } from './header.ts';
import { applyDeadlines, shownPastDue } from './view.ts';

/** What a licensed person may use (`domain.md 6.9`). */
export type Access = {
  readonly service: 'full' | 'none';
  readonly desktop: 'full' | 'reduced' | 'none';
  /** The state behind it, or the hold: `active`, `past_due`, `trial`, `held`, … */
  readonly reason: string;
  /** When it may change by itself; `null` when no automatic transition lies ahead. */
  readonly changesAt: Instant | null;
};

type Levels = Pick<Access, 'service' | 'desktop'>;

/** The access matrix (`domain.md 6.9`) at an instant, deadlines applied. */
export function accessOf(recorded: SubscriptionHeader, now: Instant): Access {
  const header = applyDeadlines(recorded, now);
  return { ...levels(header), changesAt: nextChange(header) };
}

/** Fewer seats at the renewal change nothing for those who have one: the conflict that may follow has a deadline of its own. */
function nextChange(header: SubscriptionHeader): Instant | null {
  return deadlinesOf(header).reduce<Instant | null>(
    (first, { kind, at }) => (kind === 'seat-change' || (first !== null && first <= at) ? first : at),
    null,
  );
}

const inService: Levels = { service: 'full', desktop: 'full' };
const reduced: Levels = { service: 'none', desktop: 'reduced' };
const outOfService: Levels = { service: 'none', desktop: 'none' };

const matrix: { readonly [S in SubscriptionStatus]: (header: SubscriptionHeader) => Levels } = {
  pending: () => outOfService,
  active: () => inService,
  reactivated: (header) => (policyOf(header).reactivation.access === 'on_confirmation' ? reduced : inService),
  expired: (header) => (policyOf(header).expiredAccess === 'full' ? inService : outOfService),
  // Disabled before it ever started: there was nothing to reduce.
  disabled: (header) => (header.termStart === null ? outOfService : reduced),
  cancelled: () => reduced,
  deleted: () => outOfService,
};

function levels(header: SubscriptionHeader): Omit<Access, 'changesAt'> {
  if (isHeld(header)) return { ...reduced, reason: 'held' };
  return { ...matrix[header.status](header), reason: reasonOf(header) };
}

/** Access returns only when every hold is gone that takes it away (`domain.md 6.1`, flags). */
function isHeld(header: SubscriptionHeader): boolean {
  const isInService = header.status === 'active' || header.status === 'reactivated';
  return isInService && header.holds.some(({ kind }) => policyOf(header).holds[kind].blocksAccess);
}

function reasonOf(header: SubscriptionHeader): string {
  if (header.status !== 'active') return header.status;
  if (shownPastDue(header) !== null) return 'past_due';
  return header.trial ? 'trial' : 'active';
}

const buckets: { readonly [S in SubscriptionStatus]: 'enabled' | 'warning' | 'suspended' | 'lockedOut' | null } = {
  pending: null,
  active: 'enabled',
  reactivated: 'enabled',
  expired: 'warning',
  disabled: 'suspended',
  cancelled: 'lockedOut',
  deleted: null,
};

/** Which seat count of the licences read model a status belongs to; `null`: none (`domain.md 6.7`, 1). */
export function capabilityBucket(status: SubscriptionStatus): 'enabled' | 'warning' | 'suspended' | 'lockedOut' | null {
  return buckets[status];
}
