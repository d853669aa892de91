import type { Money } from '../money.ts';
import type { SubscriptionEvent } from './events.ts';
import { scheduleAtTermEnd } from './fold-schedule.ts';
import type { SubscriptionHeader } from './header.ts';
import type { Lifecycle } from './lifecycle.ts';

type EventOf<T extends SubscriptionEvent['type']> = Extract<SubscriptionEvent, { type: T }>;

/** More seats, and what they cost is owed. */
export function seatsAdded(header: SubscriptionHeader, { data }: EventOf<'SeatsAdded'>): Partial<Lifecycle> {
  return { seatsPurchased: header.seatsPurchased + data.count, ...owing(header, data.charge) };
}

/** Fewer seats; the schedule that asked for them is done. */
export function seatsRemoved(
  header: SubscriptionHeader,
  { data, effectiveAt }: EventOf<'SeatsRemoved'>,
): Partial<Lifecycle> {
  return {
    seatsPurchased: Math.max(0, header.seatsPurchased - data.count),
    seatsReducedAt: effectiveAt,
    ...(data.by === 'schedule' ? { scheduledSeats: null } : {}),
  };
}

/** Another plan, and perhaps another price. */
export function planChanged(header: SubscriptionHeader, { data }: EventOf<'PlanChanged'>): Partial<Lifecycle> {
  return {
    planId: data.to,
    ...(data.unit === undefined ? {} : { unit: data.unit }),
    ...(data.by === 'schedule' ? { scheduledPlan: null } : {}),
    ...(data.price === undefined ? {} : { price: data.price }),
    ...owing(header, data.charge),
  };
}

/** An open reactivation shows all that it takes; of a new term the price counts by itself, so that only the rest is owed. */
function owing(header: SubscriptionHeader, charge: Money | undefined): Partial<Lifecycle> {
  if (charge === undefined) return {};
  const open = header.reactivation;
  const balance = { minor: (header.balance?.minor ?? 0) + charge.minor, currency: charge.currency };
  if (open === null) return { balance };
  const amountDue = { minor: (open.amountDue?.minor ?? 0) + charge.minor, currency: charge.currency };
  return { reactivation: { ...open, amountDue }, ...(open.resumeKind === 'in_term' ? { balance } : {}) };
}

/** Until the deadline the excess stays assigned. */
export function conflictOpened(
  _: SubscriptionHeader,
  { data, effectiveAt }: EventOf<'SeatConflictOpened'>,
): Pick<SubscriptionHeader, 'seatConflict'> {
  return { seatConflict: { since: effectiveAt, deadline: data.deadline, lapsed: false } };
}

/** The excess is gone, or stays for good. */
export function conflictLapsed(
  { seatConflict, seatsAssigned }: SubscriptionHeader,
  { data }: EventOf<'SeatConflictLapsed'>,
): Pick<SubscriptionHeader, 'seatConflict' | 'seatsAssigned'> {
  if (data.outcome === 'kept') {
    return { seatConflict: seatConflict && { ...seatConflict, lapsed: true }, seatsAssigned };
  }
  // Those that are named were counted by their own events.
  return { seatConflict: null, seatsAssigned: seatsAssigned - (data.excess - data.unassigned) };
}

/** Later, and once more counted. */
export function trialExtended(header: SubscriptionHeader, { data }: EventOf<'TrialExtended'>): Partial<Lifecycle> {
  const { termEnd } = data;
  return { termEnd, trialExtensions: header.trialExtensions + 1, ...scheduleAtTermEnd(header, termEnd) };
}

/** The first paid term; its payment is awaited like that of any first term. */
export function trialConverted(
  header: SubscriptionHeader,
  { data, id, effectiveAt }: EventOf<'TrialConverted'>,
): Partial<Lifecycle> {
  const enters =
    header.status === 'active'
      ? {}
      : { status: 'active' as const, statusSince: effectiveAt, statusEventId: id, stateEndsAt: null };
  const { termStart, termEnd } = data;
  return {
    ...enters,
    trial: false,
    termStart,
    termEnd,
    anchor: termStart,
    termIndex: 0,
    pauses: [],
    termPaid: false,
    chargeFailed: false,
  };
}

/** Shown as paid until the charge fails again. */
export function balancePaymentRequested(
  { pastDue }: SubscriptionHeader,
  { effectiveAt }: EventOf<'BalancePaymentRequested'>,
): Partial<Lifecycle> {
  return pastDue === null ? {} : { pastDue: { ...pastDue, payingSince: effectiveAt } };
}
