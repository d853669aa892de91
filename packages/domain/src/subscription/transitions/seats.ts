/**
 * Seats and plan (`domain.md 1.7`, `domain.md 6.2`): more at any time, fewer at once or with the renewal, and what happens
 * when more are assigned than there are.
 *
 * @module
 */
import { addDuration } from '../../calendar/index.ts';
import type { Money } from '../../money.ts';
import type { DecidedEvent } from '../events.ts';
import type { SubscriptionHeader } from '../header.ts';
import { pagedEntries } from '../paged-map.ts';
import type { MachineEventOf, Situation } from '../situation.ts';
import { remainingValue } from '../terms.ts';
import { planUnit, schedulePlan, scheduleRemoval } from './schedule.ts';

/** More seats, assignable at once; charged for what is left of the paid time. */
export function addSeats({ header, at }: Situation, { body }: MachineEventOf<'add-seats'>): DecidedEvent[] {
  const charge = header.price === null ? null : chargeFor(header, body.count * header.price.minor, at);
  return [{ type: 'SeatsAdded', data: { count: body.count, ...(charge === null ? {} : { charge }) }, effectiveAt: at }];
}

/** Fewer seats, now or with the renewal. */
export function removeSeats(situation: Situation, { body }: MachineEventOf<'remove-seats'>): DecidedEvent[] {
  return body.when === 'renewal' ? scheduleRemoval(situation, body.count) : removeNow(situation, body.count);
}

function removeNow({ header, at, policy }: Situation, count: number): DecidedEvent[] {
  const worth =
    header.price === null || policy.cancellationCredit === 'none'
      ? null
      : creditFor(header, count * header.price.minor, at);
  return [
    {
      type: 'SeatsRemoved',
      data: { count, by: 'request', ...(worth === null ? {} : { credit: worth }) },
      effectiveAt: at,
    },
  ];
}

/** How many seats are assigned beyond those that there are. */
export function excessSeats(header: Pick<SubscriptionHeader, 'seatsAssigned' | 'seatsPurchased'>): number {
  return Math.max(0, header.seatsAssigned - header.seatsPurchased);
}

/** Whether a conflict has to be announced, or its end. */
export function conflictNews(header: SubscriptionHeader): 'opened' | 'resolved' | null {
  if (header.status === 'deleted') return null;
  const excess = excessSeats(header);
  if (header.seatConflict === null) return excess > 0 ? 'opened' : null;
  return excess === 0 ? 'resolved' : null;
}

/** Counts from when the seats became fewer, not from when that became known. */
export function announceConflict({ header, at, policy }: Situation): DecidedEvent[] {
  const news = conflictNews(header);
  if (news === null) return [];
  if (news === 'resolved') return [{ type: 'SeatConflictResolved', data: {}, effectiveAt: at }];
  const since = header.seatsReducedAt ?? at;
  const window = header.unit === 'storage' ? policy.seatConflictStorage : policy.seatConflict;
  const deadline = addDuration(since, window, header.zone);
  return [{ type: 'SeatConflictOpened', data: { excess: excessSeats(header), deadline }, effectiveAt: since }];
}

/** The time to resolve it is over: whoever got a seat last loses it, or nobody does (`domain.md 7`, 24). */
export function lapseConflict(situation: Situation): DecidedEvent[] {
  const { header, at, policy } = situation;
  const excess = excessSeats(header);
  if (excess === 0) return [];
  const taken = policy.seatConflictLapse === 'unassign_newest' ? newestHolders(situation, excess) : [];
  return [
    ...taken.map((personId): DecidedEvent => ({
      type: 'LicenseUnassigned',
      data: { personId, cause: 'conflict_lapsed' },
      effectiveAt: at,
    })),
    {
      type: 'SeatConflictLapsed',
      data: {
        excess,
        outcome: policy.seatConflictLapse === 'unassign_newest' ? 'unassigned' : 'kept',
        unassigned: taken.length,
      },
      effectiveAt: at,
    },
  ];
}

function newestHolders({ seats }: Situation, count: number): string[] {
  return [...pagedEntries(seats)]
    .sort(([, one], [, other]) =>
      // Given in one instant, they stand in the order of the log.
      one.assignedAt === other.assignedAt
        ? other.heldSince - one.heldSince
        : one.assignedAt < other.assignedAt
          ? 1
          : -1,
    )
    .slice(0, count)
    .map(([personId]) => personId);
}

/** Another plan, now or with the renewal. */
export function changePlan(situation: Situation, event: MachineEventOf<'change-plan'>): DecidedEvent[] {
  return event.body.when === 'renewal' ? schedulePlan(situation, event) : changePlanNow(situation, event);
}

/** With the seats there are; a difference in price counts for what is left of the paid time. */
function changePlanNow(situation: Situation, event: MachineEventOf<'change-plan'>): DecidedEvent[] {
  const { header, at, policy } = situation;
  const { body } = event;
  const unit = planUnit(situation, event);
  const price = body.price === undefined || isSamePrice(body.price, header.price) ? undefined : body.price;
  if (body.planId === header.planId && price === undefined) return [];
  const more = price === undefined ? 0 : (price.minor - (header.price?.minor ?? 0)) * header.seatsPurchased;
  const charge = more > 0 ? chargeFor(header, more, at, price?.currency) : null;
  const credit = more < 0 && policy.cancellationCredit === 'prorated' ? creditFor(header, -more, at) : null;
  return [
    {
      type: 'PlanChanged',
      data: {
        from: header.planId,
        to: body.planId,
        ...(price === undefined ? {} : { price }),
        ...(charge === null ? {} : { charge }),
        ...(credit === null ? {} : { credit }),
        ...(unit === header.unit ? {} : { unit }),
      },
      effectiveAt: at,
    },
  ];
}

function isSamePrice(one: Money, other: Money | null): boolean {
  return other !== null && one.minor === other.minor && one.currency === other.currency;
}

/** While a new term still awaits its payment, all of it; else what is left of the paid time. */
function chargeFor(
  header: SubscriptionHeader,
  perTerm: number,
  at: string,
  currency = header.price?.currency,
): Money | null {
  const open = header.reactivation;
  const isUnpaidTerm = open !== null && open.resumeKind === 'new_term';
  const minor = isUnpaidTerm ? perTerm : isPaid(header) ? remainingValue(header, perTerm, at) : 0;
  return minor > 0 && currency !== undefined ? { minor, currency } : null;
}

function creditFor(header: SubscriptionHeader, perTerm: number, at: string): Money | null {
  const minor = isPaid(header) ? remainingValue(header, perTerm, at) : 0;
  return minor > 0 && header.price !== null ? { minor, currency: header.price.currency } : null;
}

/** The payment of an unpaid term is for all seats that there are then. */
function isPaid(header: SubscriptionHeader): boolean {
  return header.termPaid && !header.trial;
}
