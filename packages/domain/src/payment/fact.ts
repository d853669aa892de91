/**
 * The canonical payment fact (`domain.md 5.6`): what every provider's event is translated into, and all that the
 * subscription aggregate knows about payments.
 *
 * @module
 */
import { z } from 'zod';
import { anyInstantSchema } from '../instant.ts';
import { moneySchema } from '../money.ts';
import { cardDetails } from './card-details.ts';

/**
 * The kinds of payment facts, in the order of `domain.md 6.3`. `linked` has no consequence of its own: it says that the
 * references it names are one payment, where a provider tells that apart from the payment itself. `ended`: the provider
 * ended its subscription, which is the object of the fact (`domain.md 6.10` rule 7).
 */
export const paymentFactKinds = [
  'settled',
  'failed',
  'action_required',
  'voided',
  'refunded',
  'dispute_opened',
  'dispute_inquiry',
  'dispute_won',
  'dispute_lost',
  'method_updated',
  'linked',
  'ended',
] as const;

/** See {@link paymentFactKinds}. */
export type PaymentFactKind = (typeof paymentFactKinds)[number];

/** How a charge was declined: `soft` may succeed later, `hard` will not, `fraud` was stopped on suspicion. */
export const declineKinds = ['soft', 'hard', 'fraud'] as const;

const identifier = z.string().min(1).max(256);

const kindsWithAmount: ReadonlySet<PaymentFactKind> = new Set([
  'settled',
  'failed',
  'refunded',
  'dispute_opened',
  'dispute_inquiry',
  'dispute_won',
  'dispute_lost',
]);

/** The fields of a payment fact; `amount` is required for settled, failed, refunded and disputes. */
export const paymentFactSchema = z
  .object({
    kind: z.enum(paymentFactKinds),
    provider: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower-case letters, digits and dashes'),
    /** Identifies the delivery: first level of duplicates. */
    providerEventId: identifier,
    /** Identifies the payment, invoice or dispute: with the kind, second level of duplicates. */
    providerObjectId: identifier,
    /** `<tenant>/<subscriptionId>`, or the provider's own reference. */
    subscriptionRef: identifier.optional(),
    /** The provider's own subscription, where `subscriptionRef` is ours: teaches that they are the same. */
    providerSubscriptionRef: identifier.optional(),
    invoiceRef: identifier.optional(),
    chargeRef: identifier.optional(),
    /** The provider's payment between invoice and charge, for instance Stripe's payment intent. */
    paymentRef: identifier.optional(),
    customerRef: identifier.optional(),
    reactivationRef: identifier.optional(),
    amount: moneySchema.optional(),
    /** Total refunded of this object so far, in minor units: order and repetition do not matter (`domain.md 6.10` rule 3). */
    cumulativeRefunded: z.int().nonnegative().optional(),
    servicePeriod: z.object({ start: anyInstantSchema, end: anyInstantSchema }).optional(),
    attempt: z.int().nonnegative().optional(),
    /** `null`: no further attempt, the failure is final. Absent: a retry is left (`domain.md 6.10` rule 11). */
    nextAttemptAt: anyInstantSchema.nullable().optional(),
    /** Of `ended`: the provider's word for why, for instance `payment_failed`. */
    cause: z.string().max(256).optional(),
    /** Why a charge failed, where that matters: no retry can mend `hard` and `fraud`, so dunning is accelerated. */
    decline: z.enum(declineKinds).optional(),
    /** Of `method_updated`: what holds now; the object is the payment method's token. Nothing else of a card is taken. */
    paymentMethod: z.object(cardDetails).optional(),
    /** The provider's own instant of the fact: it places the fact in valid time. */
    occurredAt: anyInstantSchema,
    providerCreatedAt: anyInstantSchema.optional(),
    receivedAt: anyInstantSchema.optional(),
    providerSequence: z.string().max(256).optional(),
    apiVersion: z.string().max(64).optional(),
    /** SHA-256 of the raw message, hex. */
    rawRef: z.string().max(128).optional(),
    /** Fields we do not know, kept as they came (card numbers masked) and never interpreted. */
    extra: z.record(z.string(), z.json()).optional(),
  })
  .superRefine((fact, context) => {
    if (kindsWithAmount.has(fact.kind) && fact.amount === undefined) {
      context.addIssue({ code: 'custom', path: ['amount'], message: `a ${fact.kind} fact needs its amount` });
    }
  });

/** See {@link paymentFactSchema}. */
export type PaymentFact = z.infer<typeof paymentFactSchema>;
