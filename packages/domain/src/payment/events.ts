/**
 * The events of a payment stream: facts that named no subscription we know. THEY ARE THE STORAGE FORMAT: a change to a
 * schema needs a new version, an upcaster and a corpus entry.
 *
 * @module
 */
import { z } from 'zod';
import { anyInstantSchema, instantSchema } from '../instant.ts';
import { paymentFactSchema } from './fact.ts';

const identifier = z.string().min(1).max(256);

/** Names a subscription of ours. */
export const subscriptionIdentitySchema = z.object({ tenant: z.string().min(1), subscriptionId: z.string().min(1) });

/** What identifies a payment at its provider; a fact that knows two of them teaches a link. */
export const referenceSchema = z.object({
  kind: z.enum(['subscription', 'invoice', 'charge', 'payment', 'object']),
  ref: identifier,
});

/** `from` belongs to `to`: a charge to its invoice, an invoice to its subscription (`domain.md 5.1`, disputes). */
export const paymentLinkSchema = z.object({ provider: z.string(), from: referenceSchema, to: referenceSchema });

/** A provider ended a subscription by itself: it becomes a cancellation by the provider (`domain.md 6.10` rule 7). */
export const providerEndingSchema = z.object({
  provider: z.string(),
  providerEventId: identifier,
  /** The provider's subscription. */
  providerObjectId: identifier,
  /** `<tenant>/<subscriptionId>`, or the provider's own reference. */
  subscriptionRef: identifier,
  customerRef: identifier.optional(),
  /** When it ended: the cancellation's `effectiveAt`. */
  endedAt: anyInstantSchema,
  /** The provider's word for why, for instance `payment_failed`. */
  cause: z.string().max(256).optional(),
  receivedAt: anyInstantSchema.optional(),
  apiVersion: z.string().max(64).optional(),
  rawRef: z.string().max(128).optional(),
});

/** Why a fact waits. */
export const parkReasons = ['UNKNOWN_SUBSCRIPTION', 'NO_REFERENCE'] as const;

/** Why a fact is not interpreted (`domain.md 6.10` rules 6 and 12). */
export const quarantineReasons = [
  'CONTRADICTION',
  'OCCURS_IN_THE_FUTURE',
  'EVENT_ID_REUSED',
  'CARD_NUMBER_IN_IDENTIFIER',
] as const;

const providerEventIds = z.array(identifier).min(1);

/** Data of every payment event by type. */
export const paymentEventSchemas = {
  PaymentFactParked: z.object({
    fact: paymentFactSchema,
    reason: z.enum(parkReasons),
    receivedAt: instantSchema,
  }),
  ProviderEndingParked: z.object({
    ending: providerEndingSchema,
    reason: z.enum(parkReasons),
    receivedAt: instantSchema,
  }),
  PaymentFactQuarantined: z.object({
    fact: paymentFactSchema,
    reason: z.enum(quarantineReasons),
    /** What contradicts what, for people. */
    detail: z.string().max(1000).optional(),
    receivedAt: instantSchema,
  }),
  /** The claim: appended at an exact revision, so that a fact is matched once. */
  PaymentFactMatched: z.object({
    providerEventIds,
    subscription: subscriptionIdentitySchema,
    by: z.enum(['link', 'operator', 'object']),
  }),
  PaymentFactApplied: z.object({
    providerEventIds,
    subscription: subscriptionIdentitySchema,
    outcome: z.string().max(64),
  }),
  DuplicateObserved: z.object({
    providerEventId: identifier,
    level: z.enum(['transport', 'effect']),
    /** The event that had the effect. */
    of: identifier.optional(),
    receivedAt: instantSchema.optional(),
    subscription: subscriptionIdentitySchema.optional(),
  }),
  /** Money came for a subscription that cannot use it (`domain.md 6.3`, deleted). */
  RefundDueRaised: z.object({
    providerEventId: identifier,
    fact: paymentFactSchema,
    subscription: subscriptionIdentitySchema,
    receivedAt: instantSchema,
  }),
  /** A type we do not interpret: kept, never dropped (`domain.md 6.10` rule 4). */
  ProviderEventStored: z.object({
    provider: z.string(),
    providerEventId: identifier,
    providerObjectId: identifier,
    type: z.string().max(256),
    occurredAt: anyInstantSchema.optional(),
    receivedAt: instantSchema,
    apiVersion: z.string().max(64).optional(),
    rawRef: z.string().max(128).optional(),
    /** What it taught all the same. */
    links: z.array(paymentLinkSchema).optional(),
  }),
} as const;

/** The type names. */
export type PaymentEventType = keyof typeof paymentEventSchemas;

/** Data of an event type. */
export type PaymentEventData<T extends PaymentEventType> = z.infer<(typeof paymentEventSchemas)[T]>;

/** An event as decided. */
export type PaymentEvent = {
  [T in PaymentEventType]: {
    readonly type: T;
    readonly data: PaymentEventData<T>;
    readonly effectiveAt: string;
  };
}[PaymentEventType];

/** See {@link subscriptionIdentitySchema}. */
export type SubscriptionIdentity = z.infer<typeof subscriptionIdentitySchema>;
/** See {@link referenceSchema}. */
export type PaymentReference = z.infer<typeof referenceSchema>;
/** See {@link paymentLinkSchema}. */
export type PaymentLink = z.infer<typeof paymentLinkSchema>;
/** See {@link providerEndingSchema}. */
export type ProviderEnding = z.infer<typeof providerEndingSchema>;
/** See {@link parkReasons}. */
export type ParkReason = (typeof parkReasons)[number];
/** See {@link quarantineReasons}. */
export type QuarantineReason = (typeof quarantineReasons)[number];
