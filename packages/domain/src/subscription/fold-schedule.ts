import type { Instant } from '../instant.ts';
import type { SubscriptionEvent } from './events.ts';
import type { SubscriptionHeader } from './header.ts';
import type { Lifecycle } from './lifecycle.ts';

type EventOf<T extends SubscriptionEvent['type']> = Extract<SubscriptionEvent, { type: T }>;
type Schedule = Pick<Lifecycle, 'scheduledSeats' | 'scheduledPlan'>;
type Dropped = Lifecycle['droppedChanges'][number];

/** Changes that came to nothing and are still shown; all of them are in the log. */
const droppedCountMax = 8;

/** The change that waits now; the one whose place it takes is remembered. */
export function seatChangeScheduled(
  header: SubscriptionHeader,
  { data, effectiveAt }: EventOf<'SeatChangeScheduled'>,
): Partial<Lifecycle> {
  const { remove, at, supersedes } = data;
  return {
    scheduledSeats: { remove, at },
    ...superseded(header, supersedes && { kind: 'seats', ...supersedes }, effectiveAt),
  };
}

/** The same for a plan. */
export function planChangeScheduled(
  header: SubscriptionHeader,
  { data, effectiveAt }: EventOf<'PlanChangeScheduled'>,
): Partial<Lifecycle> {
  const { to, price, unit, at, supersedes } = data;
  return {
    scheduledPlan: { to, ...(price === undefined ? {} : { price }), ...(unit === undefined ? {} : { unit }), at },
    ...superseded(header, supersedes && { kind: 'plan', ...supersedes }, effectiveAt),
  };
}

/** It waits no longer. */
export function scheduledChangeDropped(
  header: SubscriptionHeader,
  { data, effectiveAt }: EventOf<'ScheduledChangeDropped'>,
): Partial<Lifecycle> {
  const { change, cause } = data;
  return {
    ...(change.kind === 'seats' ? { scheduledSeats: null } : { scheduledPlan: null }),
    droppedChanges: withDropped(header, { change, cause, droppedAt: effectiveAt }),
  };
}

function superseded(
  header: SubscriptionHeader,
  change: Dropped['change'] | undefined,
  droppedAt: Instant,
): Partial<Lifecycle> {
  return change === undefined
    ? {}
    : { droppedChanges: withDropped(header, { change, cause: 'superseded', droppedAt }) };
}

function withDropped({ droppedChanges }: SubscriptionHeader, dropped: Dropped): Lifecycle['droppedChanges'] {
  return [...droppedChanges, dropped].slice(-droppedCountMax);
}

/** The schedule with its instants moved: what waits for the renewal waits for the later one. */
export function movedSchedule(
  { scheduledSeats, scheduledPlan }: SubscriptionHeader,
  move: (at: Instant) => Instant,
): Schedule {
  return {
    scheduledSeats: scheduledSeats && { ...scheduledSeats, at: move(scheduledSeats.at) },
    scheduledPlan: scheduledPlan && { ...scheduledPlan, at: move(scheduledPlan.at) },
  };
}

/** The running term ends at another instant than before: what waited for its end still does. */
export function scheduleAtTermEnd(header: SubscriptionHeader, termEnd: Instant): Partial<Schedule> {
  if (header.scheduledSeats === null && header.scheduledPlan === null) return {};
  return movedSchedule(header, (at) => (at === header.termEnd ? termEnd : at));
}
