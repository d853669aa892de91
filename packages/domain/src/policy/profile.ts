/**
 * The shape of a policy profile: every duration and switch on which the sources differ, as plain versioned data
 * (`domain.md 1.11`, `domain.md 6.6`). A profile that was released never changes; a new version is added instead,
 * because every event names the version that decided it.
 *
 * @module
 */
import { z } from 'zod';
import { durationSchema } from '../calendar/duration.ts';
import { channels, disableReasons } from '../subscription/events.ts';

/** The groups of commands that roles open (`contract.md`, Roles). */
export const commandGroups = ['billing', 'license', 'support', 'partner', 'audit'] as const;

/** See {@link commandGroups}. */
export type CommandGroup = (typeof commandGroups)[number];

/** A length of time, counted in working days (Monday to Friday in the zone) where that is said. */
const confirmationWindow = z.strictObject({
  duration: durationSchema,
  /** The days of `duration` are working days. */
  workingDays: z.boolean(),
});

const holdRules = z.strictObject({
  blocksAccess: z.boolean(),
  blocksChanges: z.boolean(),
  blocksBilling: z.boolean(),
  /** The term ends later by as long as the hold lasted. */
  movesTermEnd: z.boolean(),
});

const group = z.enum(commandGroups);

/** Timers of `domain.md 6.6`; `null` where the profile has no such limit. */
const timers = {
  /** How long `pending` may wait for its first payment. */
  firstPaymentWindow: durationSchema.nullable(),
  trialLength: durationSchema,
  trialExtension: durationSchema,
  trialExtensionCountMax: z.int().nonnegative(),
  /** A trial may be extended only this long before its end. */
  trialExtensionWindow: durationSchema,
  trialGrace: durationSchema,
  /** How long cancelling now is allowed; `null` = the whole term. */
  cancellationWindow: durationSchema.nullable(),
  /** Other windows by country of the tenant, for instance Chile's ten days. */
  cancellationWindowByCountry: z.record(z.string(), durationSchema),
  dunningWindow: durationSchema,
  /** Dunning after fraud or a decline that no retry can mend. */
  acceleratedDunningWindow: durationSchema,
  /** When retries of a failed charge are expected where the provider does not say, counted from the first failure. */
  retryPlan: z.array(durationSchema),
  /** From an opened dispute to disabling. */
  chargebackDisable: durationSchema,
  expiredGrace: durationSchema,
  disabledRetention: durationSchema,
  cancelledRetention: durationSchema,
  /** Data of a cancelled subscription is gone by then, whatever held it up. */
  dataPurgeAtLatest: durationSchema,
  /** How long a suspension for non-payment waits for money before it becomes a cancellation; `null`: it never does. */
  suspendedForPayment: durationSchema.nullable(),
  /** Until when a reactivation must be settled, by kind of payment method (`domain.md 6.1`). */
  reactivationConfirm: z.strictObject({
    card: confirmationWindow,
    bank: confirmationWindow,
    invoice: confirmationWindow,
    boleto: confirmationWindow,
  }),
  /** Least retention left after a reactivation failed. */
  minAfterFailedReactivation: durationSchema,
  /** From assigned seats above the purchased ones to what {@link switches.seatConflictLapse} says. */
  seatConflict: durationSchema,
  /** The same for quantities that no person holds, for instance storage (`domain.md 1.7`). */
  seatConflictStorage: durationSchema,
  /** How long after start or renewal seats may be reduced; `null` = always. */
  seatReductionWindow: durationSchema.nullable(),
  /** How far ahead product keys may extend a prepaid subscription. */
  prepaidCap: durationSchema,
  /** How long a credit check usually takes (`domain.md 1.5`): said to people, nothing waits for it. */
  creditCheck: confirmationWindow,
  appOfflineTolerance: durationSchema,
  remoteSignOutLag: durationSchema,
  /** Before any deadline. */
  noticesBeforeDeadline: z.array(durationSchema),
  /** After a first failed charge; then daily. */
  dunningNotices: z.array(durationSchema),
};

/** Switches of `domain.md 1.3`, `1.11`, `6.1` and `6.3`. */
const switches = {
  trialEnd: z.enum(['grace', 'convert_with_payment_method']),
  /** Most seats with which cancelling is self-service; `null` = no limit (`domain.md 1.3`). */
  cancelSeatLimit: z.int().positive().nullable(),
  /** Which seats that limit counts. */
  cancelSeatLimitCounts: z.enum(['purchased', 'assigned']),
  /** The window opens again with each renewal. */
  cancellationWindowFromEachRenewal: z.boolean(),
  cancellationCredit: z.enum(['prorated', 'none']),
  /** A custom domain must be removed first. */
  cancelNeedsDomainRemoved: z.boolean(),
  /** Online services and desktop apps while expired: volume licensing has none. */
  expiredAccess: z.enum(['full', 'none']),
  assignWhileExpired: z.boolean(),
  deletableBeforeRetentionEnds: z.boolean(),
  /** Deleting early has to be asked for twice (`domain.md 1.3`). */
  deletionNeedsConfirmation: z.boolean(),
  /** What a failure that no retry will mend does to the dunning clock (`domain.md 1.6`). */
  dunningAfterFinalFailure: z.enum(['regular', 'accelerated']),
  /** What a hold does while it lasts (`domain.md 6.1`, flags; `domain.md 6.3`, money and terms). */
  holds: z.strictObject({ pause: holdRules, suspend: holdRules }),
  /** The term ends while a hold lasts: the sources disagree (`domain.md 1.11`, 6). */
  heldAtTermEnd: z.enum(['expired', 'disabled']),
  /** What `suspend` becomes: a hold, or, where it means that nothing was paid, `nonpayment` among the reasons (`domain.md 6.10` rule 7). */
  providerSuspension: z.enum(['hold', 'disable']),
  /** The window for reducing seats opens again with each renewal. */
  seatReductionWindowFromEachRenewal: z.boolean(),
  seatReductionNeedsRecurringBilling: z.boolean(),
  /** What happens to a reduction below the assigned seats, asked for at once and by a renewal (`domain.md 1.7`). */
  seatsBelowAssigned: z.strictObject({
    now: z.enum(['refuse', 'conflict']),
    atRenewal: z.enum(['refuse', 'conflict']),
  }),
  /** What happens to the excess at the end of a seat conflict. */
  seatConflictLapse: z.enum(['unassign_newest', 'keep']),
  reactivation: z.strictObject({
    /** Access from the request on, or only once the money is there. */
    access: z.enum(['on_request', 'on_confirmation']),
    /** `false`: a new subscription is created, linked to the old one (`domain.md 1.4`, MCA). */
    keepsSubscription: z.boolean(),
    /** A product key brings an ended one back, also where channel or state forbid a customer's own reactivation. */
    byProductKey: z.boolean(),
    /** Where the new term of an expired subscription starts. */
    expiredTermStart: z.enum(['old_end', 'reactivation']),
    fromStates: z.array(z.enum(['expired', 'disabled', 'cancelled'])),
    /** Anything else in the set of reasons needs Support. */
    allowedDisableReasons: z.array(z.enum(disableReasons)),
    /** Channels where the partner has to act instead. */
    blockedChannels: z.array(z.enum(channels)),
  }),
  /** What a payment does that comes after its due instant (`domain.md 6.3`). */
  latePayment: z.strictObject({
    inGrace: z.enum(['auto', 'auto_if_recurring', 'ask']),
    inDisabled: z.enum(['auto', 'credit']),
    /** With any other reason in the set, the payment is a credit. */
    autoDisableReasons: z.array(z.enum(disableReasons)),
  }),
  /** What a full refund of the current term does; of an older term nothing (`domain.md 6.3`). */
  fullRefundOfCurrentTerm: z.enum(['cancel', 'none']),
  /** The provider, not the customer, owns plan and seats (`domain.md 6.10` rule 7). */
  providerOwnsPlanAndSeats: z.boolean(),
  devicesPerKindMax: z.int().positive(),
};

/** What opens which commands (`contract.md`, Roles). */
const authority = {
  roles: z.record(z.string(), z.array(group)),
  /** The groups a role gains on a subscription bought through a channel. */
  rolesByChannel: z.partialRecord(z.enum(channels), z.record(z.string(), z.array(group))),
  /** A command is open to whoever has one of its groups. */
  commands: z.record(z.string(), z.array(group).min(1)),
};

/** A whole profile. */
export const policyProfileSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  version: z.int().positive(),
  ...timers,
  ...switches,
  ...authority,
});

/** See {@link policyProfileSchema}. */
export type PolicyProfile = z.infer<typeof policyProfileSchema>;
