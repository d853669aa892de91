/**
 * The events of a subscription. THEY ARE THE STORAGE FORMAT: a change to a schema needs a new version, an upcaster and a
 * corpus entry. Events carry deltas or facts, never totals of later state. Instants in `data` are part of the decision;
 * when the event holds is `effectiveAt` in the envelope (`domain.md 6.5`).
 *
 * @module
 */
import { z } from 'zod';
import { planUnits } from '../catalogue/catalogue.ts';
import { instantSchema } from '../instant.ts';
import { moneySchema } from '../money.ts';
import { paymentFactSchema } from '../payment/fact.ts';
import { commandEventSchemas } from './command-events.ts';
import { tracedCommand } from './command-trace.ts';
import { licenseEventSchemas } from './license-events.ts';
import { disableReasons, lifecycleSchema, openReactivationSchema } from './lifecycle.ts';
import { paymentMethodSchema } from './payment-method.ts';
import { successorEventSchemas } from './successor-events.ts';

export { commandTraceSchema } from './command-trace.ts';
export { disableReasons, subscriptionStatuses } from './lifecycle.ts';
export { paymentMethodSchema } from './payment-method.ts';

/** Where a subscription was bought (`contract.md`, create). */
export const channels = ['direct', 'reseller', 'volume', 'marketplace', 'partner-benefit'] as const;

/** How a fact was interpreted when it was recorded; the ledger decides, this says so to people (`domain.md 6.3`). */
export const factEffects = [
  'noted',
  'parked',
  'activation',
  'renewal',
  'reactivation',
  'balance',
  'credit',
  'refund',
  'charge_failed',
  'past_due',
  'final_failure',
  'refund_due',
  'action_required',
  'voided',
  'method_updated',
  'dispute_opened',
  'dispute_won',
  'dispute_lost',
  'ended',
] as const;

const term = { termStart: instantSchema, termEnd: instantSchema };

const command = tracedCommand;

/** The payment fact behind an event; `appliedAt` is its place in valid time where that is not its own instant. */
const payment = { fact: paymentFactSchema.optional(), appliedAt: instantSchema.optional() };

/** Data of every subscription event by type. */
export const subscriptionEventSchemas = {
  SubscriptionCreated: z.object({
    tenant: z.string(),
    subscriptionId: z.string(),
    /** `name@version`. */
    profile: z.string(),
    planId: z.string(),
    seats: z.int().positive(),
    /** Absent: seats for people. */
    unit: z.enum(planUnits).optional(),
    term: z.enum(['P1M', 'P1Y', 'P3Y']),
    zone: z.string(),
    channel: z.enum(channels),
    recurringBilling: z.boolean(),
    trial: z.boolean(),
    startsAt: instantSchema.optional(),
    /** Until when a first payment is awaited; absent where none is needed to stay pending. */
    firstPaymentBy: instantSchema.optional(),
    /** Per seat and term. */
    price: moneySchema.optional(),
    /** The subscription that was reactivated as this one. */
    reactivatedFrom: z.string().optional(),
    providerRefs: z.record(
      z.string(),
      z.object({ subscription: z.string().optional(), customer: z.string().optional() }),
    ),
  }),
  SubscriptionActivated: z.object({
    ...term,
    trial: z.boolean(),
    /** Ledger keys of the payments, made before, that pay this term. */
    paidBy: z.array(z.string()).optional(),
    ...command,
  }),
  /** The ordinary renewal is one event that carries its fact; `effectiveAt` is the start of the new term. */
  SubscriptionRenewed: z.object({
    ...term,
    ...payment,
    /** So many renewals stand after this one, though they were known before: each pays the term after the one it paid. */
    ahead: z.int().positive().optional(),
  }),
  /** A fact that entered the ledger without an event of its own. */
  PaymentFactRecorded: z.object({ ...payment, fact: paymentFactSchema, effect: z.enum(factEffects) }),
  RecurringBillingTurnedOn: z.object({ ...command }),
  /** What waited for the renewal is dropped by the events that follow (`domain.md 1.3`). */
  RecurringBillingTurnedOff: z.object({ ...command }),
  CancellationScheduled: z.object({ cancelAt: instantSchema, ...command }),
  CancellationUndone: z.object({ cancelAt: instantSchema, ...command }),
  SubscriptionCancelled: z.object({
    by: z.enum(['customer', 'schedule', 'provider', 'refund']),
    credit: moneySchema.optional(),
    retentionEndsAt: instantSchema,
    /** No failed reactivation keeps the data longer than this. */
    purgeBy: instantSchema.optional(),
    ...command,
  }),
  SubscriptionExpired: z.object({ graceEndsAt: instantSchema }),
  /**
   * Undoes lifecycle events (an expiry, mostly) that a fact known only later shows to be wrong, and takes the `effectiveAt`
   * of the first of them (`domain.md 6.3`, retro). What holds instead follows as ordinary events. `restored` is what held
   * before the first of them; a field that is absent stays as it is. `appliedAt`: what follows begins before that.
   */
  ExpiryReversed: z.object({
    reverses: z.array(z.uuid()).min(1),
    restored: lifecycleSchema.partial(),
    appliedAt: instantSchema.optional(),
  }),
  PastDueEntered: z.object({
    since: instantSchema,
    dunningEndsAt: instantSchema,
    attempt: z.int().optional(),
    nextAttemptAt: instantSchema.optional(),
    /** Ledger key of the payment that failed. */
    payment: z.string().optional(),
    /** Start of the running term, when the charge was for that one. */
    forTerm: instantSchema.optional(),
    /** Owed, when the charge was for the running term. */
    balance: moneySchema.optional(),
  }),
  /** A further attempt at the same charge failed; the dunning clock goes on. */
  PaymentRetryFailed: z.object({
    attempt: z.int().optional(),
    nextAttemptAt: instantSchema.optional(),
    /** Sooner than before: dunning was accelerated. */
    dunningEndsAt: instantSchema.optional(),
  }),
  PastDueCleared: z.object({}),
  DisableReasonAdded: z.object({
    reason: z.enum(disableReasons),
    /** Until when users keep access; absent where they have none, or keep it. */
    disableAt: instantSchema.optional(),
    ...command,
  }),
  DisableReasonRemoved: z.object({ reason: z.enum(disableReasons) }),
  SubscriptionDisabled: z.object({
    reasons: z.array(z.enum(disableReasons)).min(1),
    retentionEndsAt: instantSchema,
    /** Until when it waits for money; then it is cancelled. */
    cancelAt: instantSchema.optional(),
    ...command,
  }),
  /** All reasons are gone and the term still runs, or never began: then a first payment may be awaited again. */
  SubscriptionEnabled: z.object({ firstPaymentBy: instantSchema.optional() }),
  SubscriptionReactivated: z.object({
    ...openReactivationSchema.shape,
    amountDue: moneySchema.optional(),
    /** Support's override: nothing has to be paid, and why is in this ticket. */
    ticket: z.string().optional(),
    ...command,
  }),
  ReactivationConfirmed: z.object({ reactivationId: z.string(), ...term, ...payment }),
  ReactivationFailed: z.object({
    reactivationId: z.string(),
    cause: z.enum(['declined', 'expired', 'refunded', 'disputed', 'withdrawn']),
    backTo: z.enum(['expired', 'disabled', 'cancelled']),
    deadline: instantSchema,
    /** Until when the suspension that it came from waits for money. */
    cancelAt: instantSchema.optional(),
    ...payment,
  }),
  PaymentMethodChanged: z.object({
    change: z.enum(['added', 'replaced', 'updated']),
    paymentMethod: paymentMethodSchema,
  }),
  /** Money received and not used for a term (positive), or used or given back (negative). */
  BalanceChanged: z.object({
    delta: moneySchema,
    why: z.enum(['short', 'over', 'credited', 'used', 'refunded']),
    /** Ledger key of the payment it concerns; absent: the oldest first. */
    payment: z.string().optional(),
  }),
  /** A term that was paid ahead was refunded in full before it began. */
  RenewalUndone: z.object({ ...term, ...payment }),
  ...licenseEventSchemas,
  SubscriptionDeleted: z.object({
    cause: z.enum(['retention_elapsed', 'first_payment_unpaid', 'never_started', 'requested']),
    ...command,
  }),
  ...commandEventSchemas,
  ...successorEventSchemas,
} as const;

/** The type names. */
export type SubscriptionEventType = keyof typeof subscriptionEventSchemas;

/** Data of an event type. */
export type SubscriptionEventData<T extends SubscriptionEventType> = z.infer<(typeof subscriptionEventSchemas)[T]>;

/** An event as decided: what `decide` returns and the envelope is built around. */
export type DecidedEvent = {
  [T in SubscriptionEventType]: {
    readonly type: T;
    readonly data: SubscriptionEventData<T>;
    readonly effectiveAt: string;
    readonly reason?: string;
  };
}[SubscriptionEventType];

/** An event as folded: decided, then recorded. A provisional event (inside one decision) has an empty id. */
export type SubscriptionEvent = DecidedEvent & {
  readonly id: string;
  readonly revision: number;
  readonly recordedAt: string;
  readonly commandId: string;
  readonly commandHash?: string;
  /** `profile@version`. */
  readonly policy?: string;
  readonly actorType?: string;
};
