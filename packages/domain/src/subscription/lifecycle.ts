/**
 * The part of a subscription that its lifecycle events change, and nothing else: what an event that undoes others puts
 * back, and what a late payment fact is simulated on.
 *
 * @module
 */
import { z } from 'zod';
import { planUnits } from '../catalogue/catalogue.ts';
import { instantSchema } from '../instant.ts';
import { moneySchema } from '../money.ts';

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

const instantOrNull = instantSchema.nullable();

/** Money of one payment: `payment` is its key in the ledger, `<provider>/<object>`. */
const paymentMoneySchema = z.object({ payment: z.string(), ...moneySchema.shape });

/** An open reactivation (`domain.md 6.1`, "`reactivated`, precisely"). */
export const openReactivationSchema = z.object({
  reactivationId: z.string(),
  fromState: z.enum(['expired', 'disabled', 'cancelled']),
  fromStateSince: instantSchema,
  originDeadline: instantSchema,
  resumeKind: z.enum(['in_term', 'new_term']),
  newTermStart: instantSchema,
  newTermEnd: instantSchema,
  amountDue: moneySchema.nullable(),
  settlementNeeded: z.boolean(),
  confirmBy: instantSchema,
});

/** A reduction of seats that waits for the renewal. */
export const scheduledSeatsSchema = z.object({ remove: z.int().positive(), at: instantSchema });

/** Another plan that waits for the renewal; `price` per seat and term, absent: as before. */
export const scheduledPlanSchema = z.object({
  to: z.string(),
  price: moneySchema.optional(),
  /** Absent: seats for people. */
  unit: z.enum(planUnits).optional(),
  at: instantSchema,
});

/** A change that waits, or waited, for the renewal. */
export const scheduledChangeSchema = z.discriminatedUnion('kind', [
  scheduledSeatsSchema.extend({ kind: z.literal('seats') }),
  scheduledPlanSchema.extend({ kind: z.literal('plan') }),
]);

/** Why it came to nothing; `obsolete`: when its instant came, there was nothing to change any more. */
export const dropCauses = ['recurring_billing_off', 'cancelled', 'expired', 'disabled', 'obsolete'] as const;

/** See the module's description. */
export const lifecycleSchema = z.object({
  status: z.enum(subscriptionStatuses),
  /** `effectiveAt` of the event that entered the status. */
  statusSince: instantSchema,
  /** Id of that event; empty while it is not recorded yet. */
  statusEventId: z.string(),
  startsAt: instantOrNull,
  /** While pending: when it is given up, unless a payment comes; `null` when none is awaited. */
  firstPaymentBy: instantOrNull,
  planId: z.string(),
  /** What it is bought in. */
  unit: z.enum(planUnits),
  seatsPurchased: z.int().nonnegative(),
  /** When the seats became fewer for the last time: a conflict counts from there. */
  seatsReducedAt: instantOrNull,
  scheduledSeats: scheduledSeatsSchema.nullable(),
  scheduledPlan: scheduledPlanSchema.nullable(),
  /** The latest changes that never took effect, the last one at the end. */
  droppedChanges: z.array(
    z.object({
      change: scheduledChangeSchema,
      cause: z.enum([...dropCauses, 'superseded']),
      droppedAt: instantSchema,
    }),
  ),
  /** Per seat and term. */
  price: moneySchema.nullable(),
  /** The last term that anything has been decided for; it can lie ahead when it was paid early. */
  termStart: instantOrNull,
  termEnd: instantOrNull,
  /** First term start: terms are counted from it, so that a month-end anchor is kept (`domain.md 6.6`). */
  anchor: instantOrNull,
  /** Which term from the anchor `termStart` begins. */
  termIndex: z.int().nonnegative(),
  /** Where the term of a product key ends that is not a whole one: later terms are counted from there. */
  keyTermEnd: instantOrNull,
  /** End of the last term that a product key paid; a term beyond it was paid by other means. */
  prepaidUntil: instantOrNull,
  /** Whether that term is paid: activation does not wait for money (`domain.md 6.3`). */
  termPaid: z.boolean(),
  /** A pause, or a product key, moved the end of a term: from the term `index` on they are counted from there, not from the first anchor. */
  pauses: z.array(z.object({ index: z.int().positive(), anchor: instantSchema })),
  recurringBilling: z.boolean(),
  trial: z.boolean(),
  trialExtensions: z.int().nonnegative(),
  cancelAt: instantOrNull,
  pastDue: z
    .object({
      since: instantSchema,
      dunningEndsAt: instantSchema,
      attempt: z.int().nullable(),
      nextAttemptAt: instantOrNull,
      /** Key of the payment whose failure began it. */
      payment: z.string().nullable(),
      /** Start of the running term, where the charge was for that one: a payment that names no period pays it then. */
      forTerm: instantSchema.optional(),
      /** The customer has asked for it to be charged: shown as paid until that fails, but the clock goes on. */
      payingSince: instantSchema.optional(),
    })
    .nullable(),
  /** A charge failed that nothing has settled: at the end of grace the reason is then `nonpayment`. */
  chargeFailed: z.boolean(),
  disabledReasons: z.array(z.enum(disableReasons)),
  /** Open or lost: while there is any, `chargeback` is among the reasons. `dispute` is its key in the ledger. */
  disputes: z.array(z.object({ dispute: z.string(), lost: z.boolean() })),
  /** Until when users keep access in spite of a dispute (`domain.md 6.6`, chargebackDisable). */
  chargebackAt: instantOrNull,
  holds: z.array(
    z.object({
      kind: z.enum(['pause', 'suspend']),
      from: instantSchema,
      until: instantOrNull,
      movesTermEnd: z.boolean(),
    }),
  ),
  /** While cancelled, and while a way back from there is open: when the data is gone, whatever held it up. */
  purgeBy: instantOrNull,
  /** End of grace while expired, of retention while disabled or cancelled. */
  stateEndsAt: instantOrNull,
  reactivation: openReactivationSchema.nullable(),
  /** When the charge of a reactivation was declined for good; `null` once a term was paid since. */
  declinedAt: instantOrNull,
  /** Owed for the running term after a failed charge. */
  balance: moneySchema.nullable(),
  /** Received, but not used for a term: the sum of `account`. */
  credit: moneySchema.nullable(),
  account: z.array(paymentMoneySchema),
  /** Given back when it was cancelled inside its term; charged again by a reactivation in the term. */
  cancelCredit: moneySchema.nullable(),
  /** Settled before the term that they pay can begin; `at` is where they stand, and they stand in that order. */
  parked: z.array(paymentMoneySchema.extend({ periodStart: instantOrNull, at: instantSchema })),
  /** Which payments paid which of the latest terms: tells a refund of the current term from one of an old term. */
  payments: z.array(z.object({ payment: z.string(), termStart: instantSchema })),
});

/** See {@link lifecycleSchema}. */
export type Lifecycle = z.infer<typeof lifecycleSchema>;
