import type { Instant } from '../instant.ts';
import { policyOf } from './decide.ts';
import { nextDeadline } from './deadlines.ts';
import type { Deadline, SubscriptionHeader, SubscriptionStatus } from './header.ts';
import { emptyLedger } from './ledger.ts';
import { onlyDeadlines, simulate } from './simulation.ts';
import { termAt } from './terms.ts';
import { excessSeats } from './transitions/seats.ts';
import { withChanges } from './with-changes.ts';

/** A subscription as `contract.md` (Response shapes) shows it, without `asOfPosition`. */
export type SubscriptionView = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly planId: string;
  readonly status: SubscriptionStatus;
  /** What people are shown: Microsoft shows a cancelled subscription as disabled (`domain.md 6.1`). */
  readonly displayStatus: SubscriptionStatus;
  readonly seats: { readonly purchased: number; readonly assigned: number };
  readonly termStart: Instant | null;
  readonly termEnd: Instant | null;
  readonly nextBilling: Instant | null;
  readonly deadline: Deadline | null;
  readonly recurringBilling: boolean;
  readonly disabledReasons: SubscriptionHeader['disabledReasons'];
  readonly holds: SubscriptionHeader['holds'];
  readonly pastDue: Omit<NonNullable<SubscriptionHeader['pastDue']>, 'payingSince' | 'forTerm'> | null;
  /** More seats are assigned than there are: by how many, and until when that may be resolved. */
  readonly seatConflict: { readonly excess: number; readonly deadline: Instant | null } | null;
  readonly scheduledSeats: SubscriptionHeader['scheduledSeats'];
  readonly scheduledPlan: SubscriptionHeader['scheduledPlan'];
  /** The latest changes that never took effect: replaced by a later one, or dropped. */
  readonly droppedChanges: SubscriptionHeader['droppedChanges'];
  readonly trial: boolean;
  /** Until when product keys have paid; later terms are paid by other means. */
  readonly prepaidUntil: Instant | null;
  readonly version: number;
  readonly statusSince: Instant;
  readonly createdAt: Instant;
  readonly startsAt: Instant | null;
  readonly cancelAt: Instant | null;
  readonly term: SubscriptionHeader['term'];
  readonly zone: string;
  readonly channel: SubscriptionHeader['channel'];
  readonly profile: string;
  readonly price: SubscriptionHeader['price'];
  readonly balance: SubscriptionHeader['balance'];
  readonly credit: SubscriptionHeader['credit'];
  readonly reactivation: SubscriptionHeader['reactivation'];
  /** Reactivated as a new subscription: the ids of the one before and the one after (`domain.md 6.1`, MCA). */
  readonly reactivatedFrom: string | null;
  readonly reactivatedAs: string | null;
};

/**
 * The header with every deadline up to `now` applied in memory, for reads: a late timer never shows an entitlement that is
 * over. What a tick at `now` would write leads to the same header, but for `revision` and `statusEventId`.
 */
export function applyDeadlines(header: SubscriptionHeader, now: Instant): SubscriptionHeader {
  const next = nextDeadline(header);
  if (next === null || next.at > now) return header;
  const policy = policyOf(header);
  const due = onlyDeadlines({ header, policy, until: now, deletes: true, ledger: emptyLedger });
  const { header: applied } = simulate(due);
  return withChanges(applied, {}, header.revision);
}

/** The response shape at an instant, deadlines applied. */
export function subscriptionView(recorded: SubscriptionHeader, now: Instant): SubscriptionView {
  const header = applyDeadlines(recorded, now);
  const term = termShown(header, now);
  // Also while a dispute is open and access not yet gone; a reactivation has set the reasons aside.
  const hasReasons = header.status !== 'reactivated' && header.status !== 'deleted';
  return {
    tenant: header.tenant,
    subscriptionId: header.subscriptionId,
    planId: header.planId,
    status: header.status,
    displayStatus: header.status === 'cancelled' ? 'disabled' : header.status,
    seats: { purchased: header.seatsPurchased, assigned: header.seatsAssigned },
    termStart: term?.start ?? null,
    termEnd: term?.end ?? null,
    nextBilling: term?.end ?? null,
    deadline: nextDeadline(header),
    recurringBilling: header.recurringBilling,
    disabledReasons: hasReasons ? header.disabledReasons : [],
    holds: header.holds,
    pastDue: shownPastDue(header),
    seatConflict: seatConflictOf(header),
    scheduledSeats: header.scheduledSeats,
    scheduledPlan: header.scheduledPlan,
    droppedChanges: header.droppedChanges,
    trial: header.trial,
    prepaidUntil: header.prepaidUntil,
    version: header.revision,
    statusSince: header.statusSince,
    createdAt: header.createdAt,
    startsAt: header.startsAt,
    cancelAt: header.cancelAt,
    term: header.term,
    zone: header.zone,
    channel: header.channel,
    profile: header.policy,
    price: header.price,
    balance: header.balance,
    credit: header.credit,
    reactivation: header.reactivation,
    reactivatedFrom: header.reactivatedFrom,
    reactivatedAs: header.successor?.subscriptionId ?? null,
  };
}

/** Arrears as people see them: not while a charge that was asked for is on its way. */
export function shownPastDue({ pastDue }: Pick<SubscriptionHeader, 'pastDue'>): SubscriptionView['pastDue'] {
  if (pastDue === null || pastDue.payingSince !== undefined) return null;
  const { payingSince: _, forTerm: __, ...shown } = pastDue;
  return shown;
}

/** A seat conflict as people see it; without a deadline once it has lapsed and the policy keeps the seats assigned. */
export function seatConflictOf(header: SubscriptionHeader): SubscriptionView['seatConflict'] {
  const excess = excessSeats(header);
  if (excess === 0 || header.status === 'deleted') return null;
  const { seatConflict } = header;
  return { excess, deadline: seatConflict === null || seatConflict.lapsed ? null : seatConflict.deadline };
}

/** The term that runs, to the end of what is paid ahead; while a reactivation is open, the term that it leads to. */
function termShown(
  header: SubscriptionHeader,
  now: Instant,
): { readonly start: Instant; readonly end: Instant } | null {
  if (header.status === 'deleted') return null;
  if (header.reactivation) return { start: header.reactivation.newTermStart, end: header.reactivation.newTermEnd };
  const running = termAt(header, now);
  return running === null || header.termEnd === null ? null : { start: running.start, end: header.termEnd };
}
