import { applyDeadlines, capabilityBucket, type Instant, type SubscriptionHeader } from '@perennial/domain';
import type { LicenseRow } from '../queries/types.ts';

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
  let excess = 0;
  for (const header of headers) {
    const bucket = capabilityBucket(header.status);
    if (bucket === null) continue;
    counts[bucket] += header.seatsPurchased;
    consumed += header.seatsAssigned;
    excess += Math.max(0, header.seatsAssigned - header.seatsPurchased);
  }
  const { enabled, warning, suspended, lockedOut } = counts;
  return {
    planId,
    purchased: enabled + warning + suspended + lockedOut,
    ...counts,
    consumed,
    available: Math.max(0, enabled + warning - consumed),
    capabilityStatus: capabilities.find(([bucket]) => counts[bucket] > 0)?.[1] ?? 'Deleted',
    conflict: excess > 0 ? { excess, deadline: null } : null,
    subscriptions: headers
      .filter(({ status }) => status !== 'deleted')
      .map(({ subscriptionId }) => subscriptionId)
      .sort(),
  };
}
