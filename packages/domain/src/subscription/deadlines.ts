import type { Instant } from '../instant.ts';
import { movingHold } from './terms.ts';
import type { Deadline, DeadlineKind, SubscriptionHeader, SubscriptionStatus } from './header.ts';

/** At one instant: cancel, then expire, disable, delete (`domain.md 6.6`); payment facts come before all of them. */
const order: readonly DeadlineKind[] = [
  'start',
  'hold-end',
  // What the quantity is of decides how long a conflict about it may last.
  'plan-change',
  'seat-change',
  'cancel',
  'term-end',
  'reactivation-confirm',
  'dunning-end',
  'chargeback',
  'grace-end',
  'seat-conflict',
  'first-payment',
  'retention-end',
];

/**
 * The next automatic transition. The state is its only condition: nothing else remembers timers (`domain.md 6.6`).
 * `null` when nothing lies ahead.
 */
export function nextDeadline(header: SubscriptionHeader): Deadline | null {
  return deadlinesOf(header).reduce<Deadline | null>(
    (first, next) => (first && isBefore(first, next) ? first : next),
    null,
  );
}

/** Every automatic transition that the state itself foresees, in no order; each may be moved or dropped before it comes. */
export function deadlinesOf(header: SubscriptionHeader): readonly Deadline[] {
  return ahead[header.status](header);
}

/** Whether this deadline deletes: only a tick may do that, after every payment stored before it is handled. */
export function isDeletion(header: SubscriptionHeader, deadline: Deadline): boolean {
  return (
    deadline.kind === 'first-payment' ||
    deadline.kind === 'retention-end' ||
    // A trial's grace ends in deletion, it is never disabled (`domain.md 6.6`, trialGrace).
    (deadline.kind === 'grace-end' && header.trial)
  );
}

/** Whether deletion is due at an instant, though no tick has written it yet. */
export function isDeletionDue(header: SubscriptionHeader, at: Instant): boolean {
  const deadline = nextDeadline(header);
  return deadline !== null && deadline.at <= at && isDeletion(header, deadline);
}

/** What lies ahead in each state. */
const ahead: { readonly [S in SubscriptionStatus]: (header: SubscriptionHeader) => Deadline[] } = {
  pending: (header) => [...at('start', header.startsAt), ...at('first-payment', header.firstPaymentBy)],
  active: (header) => [
    ...holdEnds(header),
    ...seatConflict(header),
    ...(movingHold(header) === null ? ofRunningTerm(header) : []),
    ...at('chargeback', header.chargebackAt),
  ],
  reactivated: (header) => [
    ...holdEnds(header),
    ...seatConflict(header),
    ...(movingHold(header) === null ? ofResumedTerm(header) : []),
    ...at('reactivation-confirm', header.reactivation?.confirmBy ?? null),
  ],
  expired: (header) => [
    ...seatConflict(header),
    ...at('grace-end', header.stateEndsAt),
    ...at('chargeback', header.chargebackAt),
  ],
  disabled: (header) => [
    ...seatConflict(header),
    ...at('cancel', header.cancelAt),
    ...at('retention-end', header.stateEndsAt),
  ],
  cancelled: (header) => [...seatConflict(header), ...at('retention-end', header.stateEndsAt)],
  deleted: () => [],
};

/** These stand still during a pause: it moves them (`domain.md 6.3`). */
function ofRunningTerm(header: SubscriptionHeader): Deadline[] {
  return [
    // A cancellation dated to the end of the term is an expiry (`domain.md 6.1`).
    ...at('cancel', endsInsideTerm(header, header.termEnd) ? header.cancelAt : null),
    ...withRenewal(header, 'seat-change', header.scheduledSeats?.at),
    ...withRenewal(header, 'plan-change', header.scheduledPlan?.at),
    ...at('term-end', header.termEnd),
    ...at('dunning-end', header.pastDue?.dunningEndsAt ?? null),
  ];
}

/** A change waits for a renewal: where the subscription was cancelled to end by then, there is none. */
function withRenewal(header: SubscriptionHeader, kind: DeadlineKind, instant: Instant | undefined): Deadline[] {
  if (instant === undefined || (header.cancelAt !== null && header.cancelAt <= instant)) return [];
  return at(kind, instant);
}

function ofResumedTerm(header: SubscriptionHeader): Deadline[] {
  return [
    ...at('cancel', endsInsideTerm(header, header.reactivation?.newTermEnd ?? null) ? header.cancelAt : null),
    ...at('term-end', header.reactivation?.newTermEnd ?? null),
  ];
}

function holdEnds({ holds }: SubscriptionHeader): Deadline[] {
  return holds.length === 0 ? [] : holds.flatMap(({ until }) => at('hold-end', until));
}

function seatConflict({ seatConflict: open }: SubscriptionHeader): Deadline[] {
  return open === null || open.lapsed ? [] : at('seat-conflict', open.deadline);
}

function endsInsideTerm(header: SubscriptionHeader, termEnd: Instant | null): boolean {
  return header.cancelAt !== null && termEnd !== null && header.cancelAt < termEnd;
}

function at(kind: DeadlineKind, instant: Instant | null): Deadline[] {
  return instant === null ? [] : [{ kind, at: instant }];
}

function isBefore(a: Deadline, b: Deadline): boolean {
  return a.at === b.at ? order.indexOf(a.kind) < order.indexOf(b.kind) : a.at < b.at;
}
