import type { Instant } from '../instant.ts';
import type { PaymentFact } from '../payment/fact.ts';
import type { PolicyProfile } from '../policy/index.ts';
import type { SubscriptionCommand } from './commands.ts';
import type { PlanUnit } from '../catalogue/catalogue.ts';
import type { DecisionContext } from './decision.ts';
import type { DeadlineKind, PaymentMethod, SubscriptionHeader } from './header.ts';
import type { EffectKind } from './payment-effects.ts';
import type { Seat } from './state.ts';
import type { PagedMap } from './paged-map.ts';

/** What one step is decided on: the machine's context. */
export type Situation = {
  readonly header: SubscriptionHeader;
  readonly seats: PagedMap<Seat>;
  /** Where the step stands in valid time. */
  readonly at: Instant;
  readonly policy: PolicyProfile;
  /** `null` in a simulation: what was accepted once is not asked for roles or payment details again. */
  readonly caller: DecisionContext | null;
};

/** A payment fact as the machine takes it: reduced, at its place. */
export type FactStep = {
  readonly fact: PaymentFact;
  /** Key of the payment it is about, see the ledger. */
  readonly payment: string;
  /** For refunds: the whole payment is given back, and how much more than before. */
  readonly full: boolean;
  readonly refunded: number;
};

/** The commands that the machine takes: all but `create`, which nothing exists before. */
export type MachineCommand = Exclude<SubscriptionCommand, { name: 'create' }>;

/** What deciding a command again needs beside its body. */
export type CommandMemory = {
  readonly reactivationId?: string;
  readonly methodKind?: PaymentMethod['kind'];
  readonly planUnit?: PlanUnit;
};

type CommandEvent = {
  [N in MachineCommand['name']]: {
    readonly type: N;
    readonly body: Extract<MachineCommand, { name: N }>['body'];
    readonly memory?: CommandMemory;
  };
}[MachineCommand['name']];

/** What the machine is told. */
export type MachineEvent =
  | CommandEvent
  | ({ readonly type: `fact.${EffectKind | 'method_updated' | 'noted'}` } & FactStep)
  | { readonly type: `deadline.${DeadlineKind}` }
  /** The assigned seats no longer fit what was announced of them. */
  | { readonly type: 'seats.reconcile' }
  /** Nothing is owed for the open reactivation (any more); `fact` is the payment that saw to it. */
  | { readonly type: 'confirm'; readonly step: FactStep | null };

/** The machine event of a type. */
export type MachineEventOf<T extends MachineEvent['type']> = Extract<MachineEvent, { readonly type: T }>;
