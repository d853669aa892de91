import type { Instant } from '../instant.ts';
import type { PaymentFact } from '../payment/fact.ts';
import { changeAccount } from './account.ts';
import { foldDispute, foldReason, foldRemovedReason } from './disputes.ts';
import type { SubscriptionEvent, SubscriptionEventData, SubscriptionEventType } from './events.ts';
import * as changes from './fold-command-event.ts';
import { holdPlaced, holdReleased } from './fold-hold.ts';
import { paidBy, paymentKey, renew, type OwnPayments } from './fold-payment.ts';
import type { SubscriptionHeader } from './header.ts';
import type { Lifecycle } from './lifecycle.ts';
import * as schedule from './fold-schedule.ts';
import * as terms from './fold-term.ts';
import { laterOf, termPrice } from './terms.ts';
import { change, copyOf, type HeaderDraft } from './with-changes.ts';

/**
 * Folds one event into the header; `null` is the header of a subscription that does not exist yet. Total: an event that
 * does not fit what came before still folds, because history is not up for debate.
 */
export function evolveHeader(header: SubscriptionHeader | null, event: SubscriptionEvent): SubscriptionHeader {
  return headerAfter(header, event);
}

/** {@link evolveHeader}; nobody else has what it answers yet. */
export function headerAfter(header: SubscriptionHeader | null, event: SubscriptionEvent): HeaderDraft {
  if (event.type === 'SubscriptionCreated') return created(event.data, event);
  if (header === null) throw new RangeError(`a subscription begins with SubscriptionCreated, not with ${event.type}`);
  const next = copyOf(header);
  foldInto(next, event);
  return next;
}

/** Folds one event that is not the first into a header that nobody else has; nor has anybody the list in `own`. */
export function foldInto(header: HeaderDraft, event: SubscriptionEvent, own: OwnPayments | null = null): void {
  // The most frequent events: of them long histories consist.
  if (event.type === 'SubscriptionRenewed') renew(header, event, own);
  else if (event.type === 'LicenseAssigned') header.seatsAssigned += 1;
  else if (event.type === 'LicenseUnassigned') header.seatsAssigned -= 1;
  else if (event.type !== 'SubscriptionCreated') {
    // The table gives every type the fold of its own events.
    const fold = folds[event.type] as Fold<SubscriptionEventType>;
    change(header, fold(header, event));
  }
  header.revision = event.revision;
}

function created(
  data: SubscriptionEventData<'SubscriptionCreated'>,
  { id, revision, effectiveAt }: SubscriptionEvent,
): HeaderDraft {
  return {
    tenant: data.tenant,
    subscriptionId: data.subscriptionId,
    revision,
    seatsAssigned: 0,
    seatConflict: null,
    term: data.term,
    zone: data.zone,
    channel: data.channel,
    policy: data.profile,
    providerRefs: data.providerRefs,
    createdAt: effectiveAt,
    reactivatedFrom: data.reactivatedFrom ?? null,
    successor: null,
    paymentMethod: null,
    paymentMethodSince: null,
    methodChangedAt: null,
    status: 'pending',
    statusSince: effectiveAt,
    statusEventId: id,
    startsAt: data.startsAt ?? null,
    firstPaymentBy: data.firstPaymentBy ?? null,
    planId: data.planId,
    unit: data.unit ?? 'user',
    seatsPurchased: data.seats,
    seatsReducedAt: null,
    scheduledSeats: null,
    scheduledPlan: null,
    droppedChanges: [],
    price: data.price ?? null,
    termStart: null,
    termEnd: null,
    anchor: null,
    termIndex: 0,
    keyTermEnd: null,
    prepaidUntil: null,
    termPaid: false,
    pauses: [],
    recurringBilling: data.recurringBilling,
    trial: data.trial,
    trialExtensions: 0,
    cancelAt: null,
    pastDue: null,
    chargeFailed: false,
    disabledReasons: [],
    disputes: [],
    chargebackAt: null,
    holds: [],
    purgeBy: null,
    stateEndsAt: null,
    reactivation: null,
    declinedAt: null,
    balance: null,
    credit: null,
    account: [],
    cancelCredit: null,
    parked: [],
    payments: [],
  };
}

type EventOf<T extends SubscriptionEventType> = Extract<SubscriptionEvent, { type: T }>;
type Fold<T extends SubscriptionEventType> = (
  header: SubscriptionHeader,
  event: EventOf<T>,
) => Partial<SubscriptionHeader>;

type FoldedDirectly = 'SubscriptionCreated' | 'SubscriptionRenewed' | 'LicenseAssigned' | 'LicenseUnassigned';

/** What each of the other events changes. */
const folds: { readonly [T in Exclude<SubscriptionEventType, FoldedDirectly>]: Fold<T> } = {
  SubscriptionActivated: (header, event) => activated(header, event),
  RenewalUndone: (header, { data }) => ({
    termStart: data.termStart,
    termEnd: data.termEnd,
    termIndex: Math.max(0, header.termIndex - 1),
    payments: header.payments.filter((payment) => payment.termStart <= data.termStart),
  }),
  PaymentFactRecorded: (header, { data, effectiveAt }) => recorded(header, data, effectiveAt),
  BalanceChanged: (header, { data }) => changeAccount(header, data),
  RecurringBillingTurnedOn: () => ({ recurringBilling: true }),
  RecurringBillingTurnedOff: () => ({ recurringBilling: false }),
  CancellationScheduled: (_, { data }) => ({ cancelAt: data.cancelAt }),
  CancellationUndone: () => ({ cancelAt: null }),
  PastDueEntered: (_, { data }) => pastDue(data),
  PaymentRetryFailed: ({ pastDue }, { data }) =>
    pastDue === null
      ? {}
      : {
          pastDue: {
            since: pastDue.since,
            dunningEndsAt: data.dunningEndsAt ?? pastDue.dunningEndsAt,
            payment: pastDue.payment,
            ...attemptOf(data),
            ...(pastDue.forTerm === undefined ? {} : { forTerm: pastDue.forTerm }),
          },
        },
  PastDueCleared: () => ({ pastDue: null, chargeFailed: false, balance: null }),
  DisableReasonAdded: (header, { data }) => foldReason(header, data),
  DisableReasonRemoved: (header, { data }) => foldRemovedReason(header, data),
  PaymentMethodChanged: ({ paymentMethodSince }, { data, effectiveAt }) => ({
    paymentMethod: data.paymentMethod,
    paymentMethodSince: paymentMethodSince ?? effectiveAt,
    methodChangedAt: effectiveAt,
  }),
  SeatsAdded: changes.seatsAdded,
  SeatsRemoved: changes.seatsRemoved,
  SeatChangeScheduled: schedule.seatChangeScheduled,
  PlanChangeScheduled: schedule.planChangeScheduled,
  ScheduledChangeDropped: schedule.scheduledChangeDropped,
  SeatConflictOpened: changes.conflictOpened,
  SeatConflictResolved: () => ({ seatConflict: null }),
  SeatConflictLapsed: changes.conflictLapsed,
  PlanChanged: changes.planChanged,
  ProductKeyApplied: terms.keyApplied,
  HoldPlaced: holdPlaced,
  HoldReleased: holdReleased,
  TrialExtended: changes.trialExtended,
  TrialConverted: changes.trialConverted,
  BalancePaymentRequested: changes.balancePaymentRequested,
  SuccessorReserved: (_, { data, effectiveAt }) => ({
    successor: {
      subscriptionId: data.successorId,
      reactivationId: data.reactivationId,
      since: effectiveAt,
      started: false,
      order: data.order,
    },
  }),
  SuccessorStarted: ({ successor }) => ({ successor: successor && { ...successor, started: true } }),
  SuccessorReleased: () => ({ successor: null }),
  DataExported: () => ({}),
  NoteAdded: () => ({}),
  FactCorrected: () => ({}),
  LicenseMoved: ({ seatsAssigned }) => ({ seatsAssigned: seatsAssigned - 1 }),
  // A field that is absent from `restored` stays as it is, also when it is present as `undefined`.
  ExpiryReversed: (_, { data }) => data.restored as Partial<Lifecycle>,
  SubscriptionCancelled: (header, event) => ({
    ...ended(header),
    ...enters('cancelled', event),
    chargebackAt: null,
    purgeBy: event.data.purgeBy ?? null,
    stateEndsAt: event.data.retentionEndsAt,
    // A resumption that was not paid yet leaves what had been given back.
    cancelCredit: event.data.credit ?? (header.reactivation === null ? null : header.cancelCredit),
  }),
  SubscriptionExpired: (header, event) => ({
    ...ended(header),
    ...enters('expired', event),
    stateEndsAt: event.data.graceEndsAt,
  }),
  SubscriptionDisabled: (header, event) => ({
    ...ended(header),
    ...enters('disabled', event),
    chargebackAt: null,
    cancelAt: event.data.cancelAt ?? null,
    stateEndsAt: event.data.retentionEndsAt,
    disabledReasons: [...new Set([...header.disabledReasons, ...event.data.reasons])],
  }),
  SubscriptionEnabled: (header, event) => ({
    // Disabled before it ever started: it goes back to waiting (`domain.md 6.3`, "Money and terms").
    ...enters(header.termStart === null ? 'pending' : 'active', event),
    disabledReasons: [],
    cancelAt: null,
    stateEndsAt: null,
    startsAt: header.startsAt === null ? null : laterOf(header.startsAt, event.effectiveAt),
    firstPaymentBy: event.data.firstPaymentBy ?? header.firstPaymentBy,
  }),
  SubscriptionReactivated: (_, event) => ({
    ...enters('reactivated', event),
    chargebackAt: null,
    cancelAt: null,
    stateEndsAt: null,
    reactivation: opened(event.data),
  }),
  ReactivationConfirmed: (header, event) => ({ ...enters('active', event), ...confirmed(header, event.data) }),
  ReactivationFailed: (_, event) => ({
    ...enters(event.data.backTo, event),
    reactivation: null,
    cancelAt: event.data.cancelAt ?? null,
    stateEndsAt: event.data.deadline,
    ...(event.data.cause === 'declined' ? { declinedAt: event.effectiveAt } : {}),
  }),
  SubscriptionDeleted: (header, event) => ({
    ...ended(header),
    ...enters('deleted', event),
    startsAt: null,
    firstPaymentBy: null,
    chargebackAt: null,
    stateEndsAt: null,
  }),
};

function enters(
  status: Lifecycle['status'],
  { id, effectiveAt }: Pick<SubscriptionEvent, 'id' | 'effectiveAt'>,
): Pick<Lifecycle, 'status' | 'statusSince' | 'statusEventId'> {
  return { status, statusSince: effectiveAt, statusEventId: id };
}

/** What no ended subscription has. */
function ended(header: SubscriptionHeader): Partial<Lifecycle> {
  return {
    reactivation: null,
    cancelAt: null,
    purgeBy: null,
    scheduledSeats: null,
    scheduledPlan: null,
    pastDue: null,
    chargeFailed: header.chargeFailed || header.pastDue !== null,
  };
}

function activated(header: SubscriptionHeader, event: EventOf<'SubscriptionActivated'>): Partial<Lifecycle> {
  const { data, effectiveAt, id } = event;
  const { termStart, termEnd, anchor, termIndex, pauses } = terms.inTerm(header, data);
  const paying = data.paidBy ?? [];
  return {
    status: 'active',
    statusSince: effectiveAt,
    statusEventId: id,
    startsAt: null,
    firstPaymentBy: null,
    termStart,
    termEnd,
    anchor,
    termIndex,
    pauses,
    trial: data.trial,
    termPaid: data.trial || paying.length > 0,
    parked: header.parked.filter(({ payment }) => !paying.includes(payment)),
    payments: paying.map((payment) => ({ payment, termStart: data.termStart })),
  };
}

function recorded(
  header: SubscriptionHeader,
  { fact, effect }: SubscriptionEventData<'PaymentFactRecorded'>,
  effectiveAt: Instant,
): Partial<Lifecycle> {
  if (effect === 'parked') return park(header, fact, effectiveAt);
  if (effect === 'activation' && header.termStart !== null) {
    return { termPaid: true, ...paidBy(header, header.termStart, fact) };
  }
  if (effect === 'balance' || effect === 'credit') {
    return { parked: header.parked.filter(({ payment }) => payment !== paymentKey(fact)) };
  }
  if (effect === 'charge_failed') return { chargeFailed: true };
  // Nothing is waited for any more; what runs ends by an event of its own.
  if (effect === 'ended') return header.status === 'pending' ? { startsAt: null, firstPaymentBy: effectiveAt } : {};
  if (effect === 'dispute_opened' || effect === 'dispute_won' || effect === 'dispute_lost') {
    return foldDispute(header, paymentKey(fact), effect);
  }
  return effect === 'refund' ? unpark(header, paymentKey(fact), effectiveAt) : {};
}

/** Whatever order they become known in, those that wait stand in one: so they commute, and none is decided again. */
function park(header: SubscriptionHeader, fact: PaymentFact, at: Instant): Partial<Lifecycle> {
  if (fact.amount === undefined) return {};
  const entry = { payment: paymentKey(fact), ...fact.amount, periodStart: fact.servicePeriod?.start ?? null, at };
  const isAfter = (other: typeof entry): boolean => (other.at === at ? other.payment > entry.payment : other.at > at);
  const index = header.parked.findIndex(isAfter);
  const parked = header.parked.toSpliced(index < 0 ? header.parked.length : index, 0, entry);
  const due = termPrice(header);
  const received = parked.reduce((total, { minor }) => total + minor, 0);
  return { parked, firstPaymentBy: received >= (due ?? 1) ? null : header.firstPaymentBy };
}

/** The only payment of a start was refunded in full: nothing is waited for any more (`domain.md 6.3`, start cancelled). */
function unpark(header: SubscriptionHeader, key: string, effectiveAt: Instant): Partial<Lifecycle> {
  const parked = header.parked.filter(({ payment }) => payment !== key);
  if (header.termStart !== null || parked.length === header.parked.length) return { parked };
  return { parked, firstPaymentBy: parked.length === 0 ? effectiveAt : header.firstPaymentBy };
}

function pastDue(data: SubscriptionEventData<'PastDueEntered'>): Partial<Lifecycle> {
  return {
    pastDue: {
      since: data.since,
      dunningEndsAt: data.dunningEndsAt,
      ...attemptOf(data),
      payment: data.payment ?? null,
      ...(data.forTerm === undefined ? {} : { forTerm: data.forTerm }),
    },
    ...(data.balance === undefined ? {} : { balance: data.balance }),
  };
}

function attemptOf(data: { readonly attempt?: number | undefined; readonly nextAttemptAt?: Instant | undefined }): {
  readonly attempt: number | null;
  readonly nextAttemptAt: Instant | null;
} {
  return { attempt: data.attempt ?? null, nextAttemptAt: data.nextAttemptAt ?? null };
}

function opened(data: SubscriptionEventData<'SubscriptionReactivated'>): Lifecycle['reactivation'] {
  const { command: _command, ticket: _ticket, ...reactivation } = data;
  return { ...reactivation, amountDue: data.amountDue ?? null };
}

function confirmed(
  header: SubscriptionHeader,
  data: SubscriptionEventData<'ReactivationConfirmed'>,
): Partial<Lifecycle> {
  const isNewTerm = header.reactivation?.resumeKind !== 'in_term';
  return {
    ...terms.pausedInTerm(header, terms.inTerm(header, data)),
    ...paidBy(header, data.termStart, data.fact),
    termPaid: header.termPaid || isNewTerm || data.fact !== undefined,
    reactivation: null,
    declinedAt: null,
    purgeBy: null,
    disabledReasons: [],
    disputes: [],
    chargebackAt: null,
    stateEndsAt: null,
    pastDue: null,
    chargeFailed: false,
    balance: null,
    cancelCredit: null,
  };
}
