/**
 * A subscription as of a valid time, as known at a system time: both axes of the log (`domain.md 6.8`).
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { SubscriptionEvent } from './events.ts';
import type { SubscriptionHeader } from './header.ts';
import { lifecycleOf } from './restatement.ts';
import { evolve, initialSubscription } from './state.ts';
import { applyDeadlines } from './view.ts';

/** Which instants are asked for. */
export type AsOf = {
  /** Valid time: how things stood then. */
  readonly at: Instant;
  /** System time: counting only what was recorded by then; absent = all that is recorded. */
  readonly knownAt?: Instant | undefined;
};

/**
 * The header as of `at`, as known at `knownAt`; `null` when the subscription did not exist. What was recorded by then is
 * folded in the ordinary way, which leaves a timeline in valid time of all that nothing undid; the lifecycle is what it was
 * before the first entry later than `at`, and deadlines up to `at` apply in memory.
 *
 * @param events of one stream, in order of their revisions
 */
export function headerAsOf(events: readonly SubscriptionEvent[], { at, knownAt }: AsOf): SubscriptionHeader | null {
  const known = events.filter(({ recordedAt }) => knownAt === undefined || recordedAt <= knownAt);
  const { header, timeline } = known.reduce(evolve, initialSubscription);
  if (header === null || header.createdAt > at) return null;
  const later = timeline.find(({ place }) => place > at);
  const stood = {
    ...header,
    ...lifecycleOf(later?.before ?? header),
    seatsAssigned: seatsAssignedAt(known, at),
    seatConflict: seatConflictAt(known, at),
  };
  return applyDeadlines(stood, at);
}

function seatConflictAt(events: readonly SubscriptionEvent[], at: Instant): SubscriptionHeader['seatConflict'] {
  let open: SubscriptionHeader['seatConflict'] = null;
  for (const event of events) {
    if (event.effectiveAt > at) continue;
    if (event.type === 'SeatConflictOpened') {
      open = { since: event.effectiveAt, deadline: event.data.deadline, lapsed: false };
    }
    if (event.type === 'SeatConflictLapsed')
      open = event.data.outcome === 'kept' && open ? { ...open, lapsed: true } : null;
    if (event.type === 'SeatConflictResolved') open = null;
  }
  return open;
}

function seatsAssignedAt(events: readonly SubscriptionEvent[], at: Instant): number {
  const people = new Set<string>();
  for (const event of events) {
    if (event.effectiveAt > at) continue;
    if (event.type === 'LicenseAssigned') people.add(event.data.personId);
    if (event.type === 'LicenseUnassigned') people.delete(event.data.personId);
  }
  return people.size;
}
