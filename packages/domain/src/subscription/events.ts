/**
 * The events of a subscription. THEY ARE THE STORAGE FORMAT: a change to a schema needs a new version, an upcaster and a
 * corpus entry. Events carry deltas or facts, never totals of later state. Instants in `data` are part of the decision;
 * when the event holds is `effectiveAt` in the envelope (`domain.md 6.5`).
 *
 * @module
 */
import { z } from 'zod';
import { instantSchema } from '../instant.ts';
import { moneySchema } from '../money.ts';
import { paymentFactSchema } from '../payment/fact.ts';

/** `domain.md 6.1`: the seven states. */
export const subscriptionStatuses = [
  'pending',
  'active',
  'expired',
  'disabled',
  'cancelled',
  'reactivated',
  'deleted',
] as const;

/** Why a subscription is disabled: a set, access returns when it is empty (`domain.md 6.1`). */
export const disableReasons = [
  'grace_elapsed',
  'nonpayment',
  'chargeback',
  'fraud',
  'policy',
  'admin',
  'legal',
] as const;

/** Where a subscription was bought (`contract.md`, create). */
export const channels = ['direct', 'reseller', 'volume', 'marketplace', 'partner-benefit'] as const;

/** A payment method as the log knows it: the provider's token, never a card number, never the owner's name. */
export const paymentMethodSchema = z.object({
  kind: z.enum(['card', 'bank', 'invoice', 'boleto']),
  token: z.string().min(1).max(256),
  country: z.string().regex(/^[A-Z]{2}$/),
  /** Person id of whoever added it. */
  owner: z.string().max(256).optional(),
  brand: z.string().max(64).optional(),
  last4: z
    .string()
    .regex(/^\d{4}$/)
    .optional(),
  /** `YYYY-MM`, valid to the end of the month. */
  expires: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional(),
});

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
  'past_due',
  'final_failure',
  'refund_due',
] as const;

const term = { termStart: instantSchema, termEnd: instantSchema };
const reverses = z.array(z.uuid()).min(1);

/** Data of every subscription event by type. */
export const subscriptionEventSchemas = {
  SubscriptionCreated: z.object({
    tenant: z.string(),
    subscriptionId: z.string(),
    planId: z.string(),
    seats: z.int().positive(),
    term: z.enum(['P1M', 'P1Y', 'P3Y']),
    zone: z.string(),
    channel: z.enum(channels),
    recurringBilling: z.boolean(),
    trial: z.boolean(),
    startsAt: instantSchema.optional(),
    /** Per seat and term. */
    price: moneySchema.optional(),
    providerRefs: z.record(
      z.string(),
      z.object({ subscription: z.string().optional(), customer: z.string().optional() }),
    ),
  }),
  SubscriptionActivated: z.object({ ...term, trial: z.boolean() }),
  /** The ordinary renewal is one event that carries its fact; `effectiveAt` is the start of the new term. */
  SubscriptionRenewed: z.object({ ...term, fact: paymentFactSchema.optional() }),
  /** A fact that entered the ledger without an event of its own. */
  PaymentFactRecorded: z.object({ fact: paymentFactSchema, effect: z.enum(factEffects) }),
  RecurringBillingTurnedOn: z.object({}),
  RecurringBillingTurnedOff: z.object({}),
  CancellationScheduled: z.object({ cancelAt: instantSchema }),
  CancellationUndone: z.object({ cancelAt: instantSchema }),
  SubscriptionCancelled: z.object({
    by: z.enum(['customer', 'schedule', 'provider', 'refund']),
    credit: moneySchema.optional(),
    retentionEndsAt: instantSchema,
  }),
  SubscriptionExpired: z.object({ graceEndsAt: instantSchema }),
  /** Names the events that a later-known fact undid, and takes their `effectiveAt` (`domain.md 6.3`, retro). */
  ExpiryReversed: z.object({ reverses }),
  PastDueEntered: z.object({
    since: instantSchema,
    dunningEndsAt: instantSchema,
    attempt: z.int().optional(),
    nextAttemptAt: instantSchema.optional(),
  }),
  PastDueCleared: z.object({}),
  DisableReasonAdded: z.object({ reason: z.enum(disableReasons) }),
  DisableReasonRemoved: z.object({ reason: z.enum(disableReasons) }),
  SubscriptionDisabled: z.object({ reasons: z.array(z.enum(disableReasons)).min(1), retentionEndsAt: instantSchema }),
  /** All reasons are gone and the term still runs. */
  SubscriptionEnabled: z.object({}),
  SubscriptionReactivated: z.object({
    reactivationId: z.string(),
    fromState: z.enum(['expired', 'disabled', 'cancelled']),
    fromStateSince: instantSchema,
    originDeadline: instantSchema,
    resumeKind: z.enum(['in_term', 'new_term']),
    newTermStart: instantSchema,
    newTermEnd: instantSchema,
    amountDue: moneySchema.optional(),
    /** Whether a settled payment is needed: false confirms in the same append (`domain.md 6.1`). */
    settlementNeeded: z.boolean(),
    confirmBy: instantSchema,
  }),
  ReactivationConfirmed: z.object({ reactivationId: z.string(), ...term, fact: paymentFactSchema.optional() }),
  ReactivationFailed: z.object({
    reactivationId: z.string(),
    cause: z.enum(['declined', 'expired', 'refunded', 'disputed', 'withdrawn']),
    backTo: z.enum(['expired', 'disabled', 'cancelled']),
    deadline: instantSchema,
    fact: paymentFactSchema.optional(),
  }),
  PaymentMethodChanged: z.object({ change: z.enum(['added', 'replaced']), paymentMethod: paymentMethodSchema }),
  BalanceChanged: z.object({ delta: moneySchema, why: z.string() }),
  LicenseAssigned: z.object({ personId: z.string(), appsOff: z.array(z.string()) }),
  LicenseUnassigned: z.object({ personId: z.string() }),
  SubscriptionDeleted: z.object({
    cause: z.enum(['retention_elapsed', 'first_payment_unpaid', 'never_started', 'requested']),
  }),
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
