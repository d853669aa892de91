/**
 * The part of a subscription's state that read models share with the decider: plain JSON, folded from events alone,
 * without the seats, the ledger and the command ids (which can be large).
 *
 * @module
 */
import type { z } from 'zod';
import type { Instant } from '../instant.ts';
import type { Money } from '../money.ts';
import type { channels, disableReasons, paymentMethodSchema, subscriptionStatuses } from './events.ts';

/** `domain.md 6.1`. */
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];
/** `domain.md 6.1`. */
export type DisableReason = (typeof disableReasons)[number];
/** `contract.md`, create. */
export type Channel = (typeof channels)[number];
/** See `paymentMethodSchema`. */
export type PaymentMethod = z.infer<typeof paymentMethodSchema>;

/** The automatic transitions that can lie ahead (`domain.md 6.6`). */
export type DeadlineKind =
  | 'start'
  | 'first-payment'
  | 'cancel'
  | 'term-end'
  | 'dunning-end'
  | 'grace-end'
  | 'reactivation-confirm'
  | 'retention-end';

/** An automatic transition and its instant. */
export type Deadline = { readonly kind: DeadlineKind; readonly at: Instant };

/** An open reactivation (`domain.md 6.1`, "`reactivated`, precisely"). */
export type OpenReactivation = {
  readonly reactivationId: string;
  readonly fromState: 'expired' | 'disabled' | 'cancelled';
  readonly fromStateSince: Instant;
  readonly originDeadline: Instant;
  readonly resumeKind: 'in_term' | 'new_term';
  readonly newTermStart: Instant;
  readonly newTermEnd: Instant;
  readonly amountDue: Money | null;
  readonly settlementNeeded: boolean;
  readonly confirmBy: Instant;
};

/** See the module's description. */
export type SubscriptionHeader = {
  readonly tenant: string;
  readonly subscriptionId: string;
  /** Revision of the last event folded. */
  readonly revision: number;
  readonly planId: string;
  readonly seatsPurchased: number;
  readonly seatsAssigned: number;
  readonly term: 'P1M' | 'P1Y' | 'P3Y';
  readonly zone: string;
  readonly channel: Channel;
  /** `profile@version` in force. */
  readonly policy: string;
  readonly price: Money | null;
  readonly providerRefs: Readonly<
    Record<string, { readonly subscription?: string | undefined; readonly customer?: string | undefined }>
  >;
  readonly createdAt: Instant;
  readonly startsAt: Instant | null;
  readonly status: SubscriptionStatus;
  /** `effectiveAt` of the event that entered the status. */
  readonly statusSince: Instant;
  readonly termStart: Instant | null;
  readonly termEnd: Instant | null;
  /** First term start: terms are counted from it, so that a month-end anchor is kept (`domain.md 6.6`). */
  readonly anchor: Instant | null;
  readonly recurringBilling: boolean;
  readonly trial: boolean;
  readonly cancelAt: Instant | null;
  readonly pastDue: {
    readonly since: Instant;
    readonly dunningEndsAt: Instant;
    readonly attempt: number | null;
    readonly nextAttemptAt: Instant | null;
  } | null;
  readonly disabledReasons: readonly DisableReason[];
  readonly holds: readonly {
    readonly kind: 'pause' | 'suspend';
    readonly from: Instant;
    readonly until: Instant | null;
  }[];
  /** End of grace while expired, of retention while disabled or cancelled. */
  readonly stateEndsAt: Instant | null;
  readonly reactivation: OpenReactivation | null;
  readonly paymentMethod: PaymentMethod | null;
  readonly balance: Money | null;
  readonly credit: Money | null;
};
