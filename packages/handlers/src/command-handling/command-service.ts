/**
 * The types of command handling: what a caller asks and what is answered. Refusals are values; only faults are thrown.
 *
 * @module
 */
import type {
  AvailableAction,
  DecisionContext,
  FactOutcome,
  Instant,
  PaymentFact,
  Remedy,
  SeatCommand,
  SubscriptionCommand,
  SubscriptionHeader,
  SubscriptionState,
  SubscriptionStatus,
} from '@perennial/domain';
import type { Actor } from '@perennial/event-store';
import type { MoveName } from '../licenses/open-move.ts';

/** What the catalogue in force says of plans. */
export type PlanSource = {
  /** Version named in every event's envelope; undefined while nothing is published. */
  version(): string | undefined;
  plan(planId: string): NonNullable<DecisionContext['plan']> | undefined;
};

/** Who asks and why: goes into every event's envelope. */
export type Cause = {
  /** For people `id` is a person id of the vault. */
  readonly actor: Pick<Actor, 'type' | 'id'>;
  readonly roles: readonly string[];
  readonly correlationId: string;
  /** Default: the command id. */
  readonly causationId?: string;
  /** W3C trace context of the request. */
  readonly traceparent?: string;
};

/** A command on one subscription. */
export type CommandRequest = Cause & {
  readonly tenant: string;
  /** Absent only for `create`: then it is UUIDv5(tenant, commandId), so that a retried create creates nothing. */
  readonly subscriptionId?: string;
  readonly command: SubscriptionCommand;
  /** The Idempotency-Key, scoped to tenant and target. */
  readonly commandId: string;
  /** The caller named none: it cannot come again, and nobody has to look whether it did. */
  readonly isIdMadeUp?: boolean;
  /** The same answer with nothing appended. */
  readonly dryRun?: boolean;
  /** `If-Match`: the version the caller has seen. */
  readonly expectedVersion?: number;
};

/** A command on the seat of one person in a subscription. */
export type SeatCommandRequest = Omit<CommandRequest, 'command' | 'subscriptionId'> & {
  readonly subscriptionId: string;
  readonly command: SeatCommand;
};

/** The move of one person's licence to another subscription of the tenant. */
export type MoveLicenseRequest = Omit<CommandRequest, 'command' | 'subscriptionId'> & {
  readonly subscriptionId: string;
  readonly command: {
    readonly name: 'move-license';
    readonly body: {
      readonly personId: string;
      readonly toSubscriptionId: string;
      /** Absent: those that are off now stay off. */
      readonly appsOff?: readonly string[];
    };
  };
};

/** One event as answered to the caller. A dry run's events have an empty id. */
export type AnsweredEvent = { readonly id: string; readonly type: string; readonly effectiveAt: Instant };

/** What `execute` answers. */
export type CommandResult =
  | {
      /** `repeated`: this command id was applied before, and these are the events of that first time. */
      readonly kind: 'accepted' | 'repeated';
      readonly subscriptionId: string;
      readonly status: SubscriptionStatus;
      /** Where its term ends, or the one that a reactivation leads to; absent in answers about a seat. */
      readonly termEnd?: Instant | null;
      /** Revision of the last event of the subscription. */
      readonly version: number;
      /** Opaque decimal: may be passed to reads as `minPosition`. */
      readonly position: string;
      readonly events: readonly AnsweredEvent[];
    }
  | {
      readonly kind: 'refused';
      readonly reasonCodes: readonly string[];
      readonly remedies: readonly Remedy[];
      readonly firstEventId?: string;
    }
  /** `subscriptionId`: where it is not the one that was asked. */
  | { readonly kind: 'not-found'; readonly subscriptionId?: string }
  | { readonly kind: 'already-exists'; readonly subscriptionId: string }
  | { readonly kind: 'version-conflict'; readonly actualVersion: number };

/** One thing that would happen to a subscription. */
export type PreviewStep =
  | { readonly command: SubscriptionCommand; readonly commandId: string }
  | { readonly fact: PaymentFact };

/** Commands and payment facts that would be given one after the other to one subscription. */
export type PreviewRequest = Omit<CommandRequest, 'command' | 'commandId' | 'dryRun' | 'subscriptionId'> & {
  readonly subscriptionId: string;
  readonly steps: readonly PreviewStep[];
};

/** What they would come to together; `refusedStep` is the index of the one that stops them. */
export type CommandPreview = { readonly result: CommandResult; readonly refusedStep: number | null };

/** A payment fact on one subscription. */
export type FactRequest = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly fact: PaymentFact;
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceparent?: string;
};

/** How a fact ended. `redelivered`: this very message was applied before; not a duplicate, only a lost acknowledgement. */
export type FactResult =
  | {
      readonly kind: 'applied' | 'nothing';
      readonly outcome: FactOutcome;
      readonly redelivered: boolean;
      /** The provider's event id came before with other content: the fact has to be quarantined. */
      readonly idReused: boolean;
      readonly position: bigint | undefined;
    }
  | { readonly kind: 'not-found' };

/** How a tick ended. `deletion-due`: the next step is a deletion, which needs clearance; nothing was appended. */
export type TickResult =
  | { readonly kind: 'ticked'; readonly position: bigint; readonly eventCount: number }
  | { readonly kind: 'nothing' | 'deletion-due' | 'not-found' };

/** What a tick may do about a deletion that is due (architecture.md, Deciding: deletion waits for payments). */
export type DeletionClearance = 'ask' | 'cleared' | 'withheld';

/** The list of actions for a caller. */
export type ActionsResult =
  | { readonly kind: 'found'; readonly actions: readonly AvailableAction[]; readonly header: SubscriptionHeader }
  | { readonly kind: 'not-found' };

/** The command side of subscriptions: load, decide, append, again on a conflict. */
export type CommandService = {
  /**
   * @throws CommandConflictError when others kept appending to the stream (`CONFLICT`: ask again)
   * @throws OverloadedError when too many commands wait (`OVERLOADED`: ask again later)
   */
  execute(request: CommandRequest): Promise<CommandResult>;
  /**
   * The same for a seat. `status` and `version` are the subscription's, which the command does not change; `position` is
   * that of the seat's own event.
   */
  executeSeat(request: SeatCommandRequest): Promise<CommandResult>;
  /**
   * Moves a licence (`domain.md 6.2`, MoveLicense): assigned at the target, then given up here. Status, version, position
   * and events are those of the subscription it leaves; the position covers both.
   */
  moveLicense(request: MoveLicenseRequest): Promise<CommandResult>;
  /** Finishes a move that a crash left open, or takes it back. */
  driveMoveOn(move: MoveName): Promise<void>;
  /** Records what else than the subscription had against a command, as `execute` does with its own refusals. */
  recordRefusal(request: CommandRequest & { readonly subscriptionId: string }, refusal: CommandResult): void;
  /** A dry run of several commands and facts, each decided on what those before it would leave. Reads to the stream's end. */
  preview(request: PreviewRequest): Promise<CommandPreview>;
  /** Every command with whether it is available to the caller, at `at` (default now). Reads to the stream's end. */
  actions(request: {
    readonly tenant: string;
    readonly subscriptionId: string;
    readonly actor: Pick<Actor, 'type' | 'id'>;
    readonly roles: readonly string[];
    readonly at?: Instant;
  }): Promise<ActionsResult>;
  /** The subscription's header as of the end of its stream; undefined when there is none. */
  load(tenant: string, subscriptionId: string): Promise<SubscriptionHeader | undefined>;
  /** The whole state as of the end of its stream; without header when there is none. */
  loadState(tenant: string, subscriptionId: string): Promise<SubscriptionState>;
  applyFact(request: FactRequest): Promise<FactResult>;
  /** Fires the deadlines that are due at the clock's now. */
  tick(request: {
    readonly tenant: string;
    readonly subscriptionId: string;
    readonly deletion: DeletionClearance;
  }): Promise<TickResult>;
  /** Waits (bounded) for the attempts that are still being recorded. */
  close(): Promise<void>;
};
