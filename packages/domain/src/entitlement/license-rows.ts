import type { Instant } from '../instant.ts';
import { capabilityBucket } from '../subscription/access.ts';
import type { SubscriptionHeader } from '../subscription/header.ts';
import { applyDeadlines, seatConflictOf } from '../subscription/view.ts';
import type { LicenseRow } from './rows.ts';

type Counts = { enabled: number; warning: number; suspended: number; lockedOut: number };

/** Graph's order: the first that is not zero names the plan's capability. */
const capabilities = [
  ['enabled', 'Enabled'],
  ['warning', 'Warning'],
  ['suspended', 'Suspended'],
  ['lockedOut', 'LockedOut'],
] as const;

/**
 * The licences of a tenant, one row per plan (`domain.md 6.7`): seats by the status of their subscription at `now`.
 * Pending and deleted subscriptions count nowhere.
 */
export function licenseRows(headers: readonly SubscriptionHeader[], now: Instant): LicenseRow[] {
  const byPlan = new Map<string, SubscriptionHeader[]>();
  for (const header of headers) {
    const current = applyDeadlines(header, now);
    const list = byPlan.get(current.planId);
    if (list) list.push(current);
    else byPlan.set(current.planId, [current]);
  }
  return [...byPlan]
    .map(([planId, ofPlan]) => licenseRow(planId, ofPlan))
    .sort((a, b) => (a.planId < b.planId ? -1 : 1));
}

function licenseRow(planId: string, headers: readonly SubscriptionHeader[]): LicenseRow {
  const counts: Counts = { enabled: 0, warning: 0, suspended: 0, lockedOut: 0 };
  let consumed = 0;
  const conflicts = [];
  for (const header of headers) {
    const bucket = capabilityBucket(header.status);
    if (bucket === null) continue;
    counts[bucket] += header.seatsPurchased;
    consumed += header.seatsAssigned;
    const conflict = seatConflictOf(header);
    if (conflict) conflicts.push(conflict);
  }
  const { enabled, warning, suspended, lockedOut } = counts;
  return {
    planId,
    purchased: enabled + warning + suspended + lockedOut,
    ...counts,
    consumed,
    available: Math.max(0, enabled + warning - consumed),
    capabilityStatus: capabilities.find(([bucket]) => counts[bucket] > 0)?.[1] ?? 'Deleted',
    conflict: together(conflicts),
    subscriptions: headers
      .filter(({ status }) => status !== 'deleted')
      .map(({ subscriptionId }) => subscriptionId)
      .sort(),
  };
}

/** The excess of all, and the first instant at which something happens to it. */
function together(conflicts: readonly NonNullable<LicenseRow['conflict']>[]): LicenseRow['conflict'] {
  if (conflicts.length === 0) return null;
  const deadlines = conflicts.flatMap(({ deadline }) => (deadline === null ? [] : [deadline]));
  return {
    excess: conflicts.reduce((total, { excess }) => total + excess, 0),
    deadline: deadlines.sort()[0] ?? null,
  };
}
