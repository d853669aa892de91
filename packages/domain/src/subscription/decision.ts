/**
 * What a decision is given and what it answers.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { PaymentFact } from '../payment/fact.ts';
import type { SubscriptionCommand } from './commands.ts';
import type { DecidedEvent } from './events.ts';
import type { PlanUnit } from '../catalogue/catalogue.ts';
import type { SubscriptionStatus } from './header.ts';
import type { Service } from './service-conflict.ts';

/** What is decided upon: a command, a payment fact, or nothing but the passing of time. */
export type SubscriptionInput =
  | {
      readonly kind: 'command';
      readonly command: SubscriptionCommand;
      readonly commandId: string;
      readonly commandHash: string;
    }
  /** `commandId` is `fact:<provider>:<providerEventId>`. */
  | { readonly kind: 'fact'; readonly fact: PaymentFact; readonly commandId: string; readonly commandHash: string }
  | { readonly kind: 'tick' }
  /** The successor that was reserved runs, or was refused for these reasons. */
  | {
      readonly kind: 'successor';
      readonly successorId: string;
      readonly refused?: readonly string[];
      readonly commandId: string;
      readonly commandHash: string;
    };

/** Facts from outside the stream that guards may need; what is unknown passes (`domain.md 6.4`). */
export type DecisionContext = {
  /** Which subscription: `create` names it in its event. */
  readonly target: { readonly tenant: string; readonly subscriptionId: string };
  /** The clock. Decisions are made at `now`; a fact's `occurredAt` only places it. */
  readonly now: Instant;
  /** Roles of the actor; `global-admin` may do everything (`contract.md`, Roles). */
  readonly roles: readonly string[];
  /** Person id of the actor, where a person acts. */
  readonly actorId?: string;
  /** For instance `user`, or `provider` for an ending that a payment provider reports. */
  readonly actorType?: string;
  readonly tenant?: {
    readonly country?: string | undefined;
    readonly language?: string | undefined;
    readonly zone?: string | undefined;
    readonly domainAttached?: boolean | undefined;
    readonly creditCheck?: 'pending' | 'passed' | undefined;
  };
  /** What the catalogue says of the plan; absent for an unknown plan. */
  readonly plan?: {
    readonly planId: string;
    readonly apps: readonly string[];
    readonly endOfSale?: Instant | undefined;
    readonly maxSeats?: number | undefined;
    /** Product keys stay inside a family. */
    readonly family?: string | undefined;
    /** What it is bought in; absent: seats for people. */
    readonly unit?: PlanUnit | undefined;
    /** Countries where it may not be used. */
    readonly prohibitedIn?: readonly string[] | undefined;
    /** Its apps that exclude others, are excluded by others, or need others. */
    readonly services?: readonly Service[] | undefined;
  };
  /** What is known of the person who is to get a licence. */
  readonly person?: {
    readonly personId: string;
    /** Country where the person uses the services. */
    readonly usageLocation?: string | undefined;
    /** What other subscriptions give the person, turned off apps left out; of a moved licence not what it gives. */
    readonly services?: readonly Service[] | undefined;
  };
  /** The tenant has had a trial of this offer, or another subscription has reserved it. */
  readonly trialUsed?: boolean;
  /** Id of the subscription that a reactivation may have to make; it follows from the command's id. */
  readonly successorId?: string;
  /** Fresh random id for a reactivation, made by the caller. */
  readonly newId: string;
};

/** A way out of a refusal, in both languages (`domain.md 6.4`). */
export type Remedy = {
  readonly kind: 'self_service' | 'upgrade_role' | 'support' | 'partner' | 'wait';
  readonly text: { readonly en: string; readonly nl: string };
  readonly until?: Instant;
  readonly link?: string;
};

/** How a payment fact was received (`domain.md 6.4`, intake outcomes). */
export type FactOutcome =
  | 'APPLIED'
  | 'NOTED'
  | 'DUPLICATE_TRANSPORT'
  | 'DUPLICATE_EFFECT'
  | 'STALE_FACT'
  | 'QUARANTINED_CONTRADICTION'
  | 'REFUND_DUE';

/** The answer of `decide`. Refusals are values. */
export type SubscriptionDecision =
  | { readonly kind: 'accepted'; readonly events: readonly DecidedEvent[]; readonly outcome?: FactOutcome }
  /** This command id was applied before: answer with the events from `firstRevision` on that carry it. Nothing is appended. */
  | { readonly kind: 'repeated'; readonly firstRevision: number; readonly outcome?: FactOutcome }
  /** Nothing to append: no deadline due, or a duplicate fact. */
  | { readonly kind: 'nothing'; readonly outcome?: FactOutcome }
  /** A subscription with this id was created before, by another command. */
  | { readonly kind: 'already-exists' }
  | {
      readonly kind: 'refused';
      readonly reasonCodes: readonly string[];
      readonly remedies: readonly Remedy[];
      readonly firstEventId?: string;
    };

/** One row of the list of actions (`domain.md 6.4`). */
export type AvailableAction = {
  readonly command: string;
  readonly available: boolean;
  readonly reasonCodes: readonly string[];
  /** Inputs the caller has yet to give, for instance `paymentMethod`. */
  readonly needs: readonly string[];
  readonly remedies: readonly Remedy[];
  readonly effectPreview: {
    readonly newState?: SubscriptionStatus;
    readonly newTermEnd?: Instant;
    readonly amount?: { readonly minor: number; readonly currency: string };
  } | null;
};
