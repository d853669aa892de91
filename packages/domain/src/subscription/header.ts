/**
 * The part of a subscription's state that read models share with the decider: plain JSON, folded from events alone,
 * without the seats, the ledger and the command ids (which can be large).
 *
 * @module
 */
import type { z } from 'zod';
import type { Instant } from '../instant.ts';
import type { channels, paymentMethodSchema } from './events.ts';
import type { successorOrderSchema } from './successor-events.ts';
import type { Lifecycle, disableReasons, openReactivationSchema, subscriptionStatuses } from './lifecycle.ts';

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
  | 'hold-end'
  | 'seat-change'
  | 'plan-change'
  | 'seat-conflict'
  | 'first-payment'
  | 'cancel'
  | 'term-end'
  | 'dunning-end'
  | 'chargeback'
  | 'grace-end'
  | 'reactivation-confirm'
  | 'retention-end';

/** An automatic transition and its instant. */
export type Deadline = { readonly kind: DeadlineKind; readonly at: Instant };

/** See `openReactivationSchema`. */
export type OpenReactivation = z.infer<typeof openReactivationSchema>;

/** See the module's description. */
export type SubscriptionHeader = Readonly<Lifecycle> & {
  readonly tenant: string;
  readonly subscriptionId: string;
  /** Revision of the last event folded. */
  readonly revision: number;
  readonly seatsAssigned: number;
  /** More seats are assigned than there are. `lapsed`: the policy keeps them assigned all the same. */
  readonly seatConflict: { readonly since: Instant; readonly deadline: Instant; readonly lapsed: boolean } | null;
  readonly term: 'P1M' | 'P1Y' | 'P3Y';
  readonly zone: string;
  readonly channel: Channel;
  /** `profile@version` in force. */
  readonly policy: string;
  readonly providerRefs: Readonly<
    Record<string, { readonly subscription?: string | undefined; readonly customer?: string | undefined }>
  >;
  readonly createdAt: Instant;
  /** Id of the subscription that was reactivated as this one (`domain.md 6.1`, MCA). */
  readonly reactivatedFrom: string | null;
  /** The one that this was reactivated as; until it has `started` it is being made. */
  readonly successor: {
    readonly subscriptionId: string;
    readonly reactivationId: string;
    readonly since: Instant;
    readonly started: boolean;
    readonly order: z.infer<typeof successorOrderSchema>;
  } | null;
  readonly paymentMethod: PaymentMethod | null;
  /** When the first payment method became known. */
  readonly paymentMethodSince: Instant | null;
  /** When payment details were given for the last time. */
  readonly methodChangedAt: Instant | null;
};
