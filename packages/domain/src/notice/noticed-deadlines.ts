/**
 * Of which deadlines people are told, read from a subscription's header alone.
 *
 * @module
 */
import { addDuration } from '../calendar/index.ts';
import type { Instant } from '../instant.ts';
import type { PolicyProfile } from '../policy/index.ts';
import { deadlinesOf } from '../subscription/deadlines.ts';
import { policyOf } from '../subscription/decide.ts';
import type { Deadline, DeadlineKind, SubscriptionHeader } from '../subscription/header.ts';
import { slotsAfter, slotsBefore, type NoticeSlot } from './cadence.ts';
import type { NoticeDeadline, NoticedDeadlineKind, NoticeKind } from './kinds.ts';

/** A notice about a deadline that stands, whether or not it is due yet. */
export type NoticeAhead = {
  /** Deterministic: the same deadline and slot, the same notice. */
  readonly noticeId: string;
  readonly kind: NoticeKind;
  readonly deadline: NoticeDeadline;
  readonly from: Instant;
  readonly to: Instant;
};

/** A subscription starts because it was asked to: nobody has to be warned. */
const kinds: Readonly<Record<Exclude<DeadlineKind, 'start'>, NoticeKind>> = {
  'hold-end': 'hold_ending',
  'seat-change': 'seat_change_ahead',
  'plan-change': 'plan_change_ahead',
  'seat-conflict': 'seat_conflict',
  'first-payment': 'first_payment_awaited',
  cancel: 'cancellation_ahead',
  'term-end': 'term_ending',
  'dunning-end': 'payment_overdue',
  chargeback: 'dispute_disabling',
  'grace-end': 'grace_ending',
  'reactivation-confirm': 'reactivation_unpaid',
  'retention-end': 'retention_ending',
};

/** The deadlines of what has ended, which a successor makes meaningless. */
export const replacedKinds: ReadonlySet<NoticedDeadlineKind> = new Set(['grace-end', 'retention-end']);

/** Notices about the deadlines that the lifecycle has. */
export function lifecycleNotices(header: SubscriptionHeader): NoticeAhead[] {
  return deadlinesOf(header).flatMap((deadline) => noticesOf(header, deadline));
}

/** {@link lifecycleNotices}, and those about what stands beside the lifecycle: the card. */
export function noticesAhead(header: SubscriptionHeader): NoticeAhead[] {
  const notices = [...lifecycleNotices(header), ...cardNotices(header)];
  return notices.length < 2 ? notices : notices.sort((a, b) => (a.from < b.from ? -1 : 1));
}

/** A card that can no longer be charged at the next renewal (`domain.md 1.6`). */
export function cardNotices(header: SubscriptionHeader): NoticeAhead[] {
  const { paymentMethod, recurringBilling, status, zone } = header;
  if (paymentMethod?.kind !== 'card' || paymentMethod.expires === undefined) return [];
  if (status !== 'active' || !recurringBilling || header.cancelAt !== null) return [];
  // Valid to the end of the month; the day before the first of the next one may be in another month of the zone.
  const at = addDuration(`${paymentMethod.expires}-01T00:00:00.000Z`, 'P1M', 'UTC');
  const deadline = { kind: 'card-expiry', at } as const;
  return named('card_expiring', deadline, at, slotsBefore(at, policyOf(header).noticesBeforeDeadline, zone));
}

function noticesOf(header: SubscriptionHeader, deadline: Deadline): NoticeAhead[] {
  const { kind, at } = deadline;
  if (kind === 'start' || (kind === 'term-end' && !endsByItself(header))) return [];
  const policy = policyOf(header);
  if (kind === 'dunning-end') return dunningNotices(header, deadline, policy);
  const slots = slotsBefore(at, policy.noticesBeforeDeadline, header.zone);
  if (!isReplaced(header, kind)) return named(kindOf(header, kind), deadline, at, slots);
  return header.seatsAssigned === 0 ? [] : named('replaced_ending', deadline, at, slots);
}

/**
 * Whether nothing is left to warn of but for people who stayed: it was reactivated as another subscription, which has the
 * licences, and cannot be brought back (`domain.md 6.1`, MCA).
 */
function isReplaced({ successor }: SubscriptionHeader, kind: DeadlineKind): boolean {
  return successor !== null && replacedKinds.has(kind);
}

function dunningNotices(
  { pastDue, zone }: SubscriptionHeader,
  deadline: Deadline,
  policy: PolicyProfile,
): NoticeAhead[] {
  // While a charge that was asked for is on its way, nobody is dunned.
  if (pastDue === null || pastDue.payingSince !== undefined) return [];
  const slots = slotsAfter(pastDue.since, deadline.at, policy.dunningNotices, zone);
  return named('payment_overdue', deadline, pastDue.since, slots);
}

/** Whether the end of the term is an end: nothing is charged to continue, or a trial is over. */
function endsByItself({ status, trial, recurringBilling, cancelAt, termEnd }: SubscriptionHeader): boolean {
  // A cancellation inside the term comes first, and has notices of its own.
  if (status === 'reactivated' || (cancelAt !== null && termEnd !== null && cancelAt < termEnd)) return false;
  return trial || !recurringBilling || cancelAt !== null;
}

function kindOf({ trial }: SubscriptionHeader, kind: Exclude<DeadlineKind, 'start'>): NoticeKind {
  if (!trial) return kinds[kind];
  // The grace of a trial ends in deletion (`domain.md 6.6`, trialGrace).
  return kind === 'term-end' ? 'trial_ending' : kind === 'grace-end' ? 'retention_ending' : kinds[kind];
}

function named(
  kind: NoticeKind,
  deadline: NoticeDeadline,
  anchor: Instant,
  slots: readonly NoticeSlot[],
): NoticeAhead[] {
  return slots.map(({ name, from, to }) => ({
    // The same deadline said otherwise is another notice: what was queued before the replacement must not be sent.
    noticeId: `${kind === 'replaced_ending' ? 'replaced-' : ''}${deadline.kind}-${compact(anchor)}-${name}`,
    kind,
    deadline,
    from,
    to,
  }));
}

/** An instant as part of an id: `20270601T000000000Z`. */
export function compact(at: Instant): string {
  return at.replace(/[-:.]/g, '');
}
