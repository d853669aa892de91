/**
 * What all Stripe events share. Only the fields that are read are named: Stripe adds fields at any time, and shapes differ
 * between API versions (`domain.md 5.1`).
 *
 * @module
 */
import { z } from 'zod';
import type { Instant } from '../../instant.ts';
import type { PaymentReading, Received } from '../reading.ts';

/** Unix seconds, as Stripe writes instants; bounded by the year 9999. */
export const seconds = z.int().nonnegative().max(253_402_300_799);

const id = z.string().min(1).max(256);

/** An id, or the object with that id where Stripe was asked to expand it. */
export const reference = z.union([id, z.object({ id }).transform((object) => object.id)]);

/** A reference that may be `null` or absent; both become `undefined`. */
export const maybeReference = reference.nullish().transform((ref) => ref ?? undefined);

/** `metadata`, where our own reference may be found under `perennial`. */
export const metadata = z.record(z.string(), z.unknown()).nullish();

/** The envelope. */
export const stripeEventSchema = z.looseObject({
  id,
  object: z.literal('event'),
  type: z.string().min(1).max(256),
  created: seconds,
  api_version: z.string().max(64).nullish(),
  data: z.object({
    object: z.looseObject({ id: id.optional() }),
    previous_attributes: z.record(z.string(), z.unknown()).nullish(),
  }),
});

/** See {@link stripeEventSchema}. */
export type StripeEvent = z.infer<typeof stripeEventSchema>;

/** Reads the object of one type of event. */
export type StripeReader = (event: StripeEvent, received: Received) => PaymentReading;

/** The provider's name in facts and streams. */
export const stripe = 'stripe';

/** The instant of Unix seconds. */
export function instantOf(unixSeconds: number): Instant {
  return new Date(unixSeconds * 1000).toISOString();
}

/** What every fact of an event says of the event. */
export function eventFields(event: StripeEvent, received: Received): Record<string, unknown> {
  return {
    provider: stripe,
    providerEventId: event.id,
    providerCreatedAt: instantOf(event.created),
    ...(event.api_version ? { apiVersion: event.api_version } : {}),
    ...received,
  };
}

/** Currencies without a minor unit that Stripe still writes in hundredths. */
const writtenInHundredths: ReadonlySet<string> = new Set(['ISK', 'UGX']);

/** Stripe's amount in ISO 4217 minor units. An amount that is no whole number of them stays a fraction, and is refused. */
export function moneyOf(amount: number, currency: string): { minor: number; currency: string } {
  const code = currency.toUpperCase();
  return { minor: writtenInHundredths.has(code) ? amount / 100 : amount, currency: code };
}

/** Identifiers as `contract.md` has them. */
const ownReferencePattern = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}\/[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/;

/** `<tenant>/<subscriptionId>` from the first metadata that names one under `perennial`. */
export function ownReference(...candidates: readonly z.infer<typeof metadata>[]): string | undefined {
  for (const candidate of candidates) {
    const value = candidate?.perennial;
    if (typeof value === 'string' && ownReferencePattern.test(value)) return value;
  }
  return undefined;
}

/** Our reference where there is one, else the provider's; both when both are known. */
export function subscriptionRefs(own: string | undefined, theirs: string | undefined): Record<string, string> {
  if (own === undefined) return theirs === undefined ? {} : { subscriptionRef: theirs };
  return theirs === undefined ? { subscriptionRef: own } : { subscriptionRef: own, providerSubscriptionRef: theirs };
}

/** The entries that have a value. */
export function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
