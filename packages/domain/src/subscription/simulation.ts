/**
 * The subscription in valid time: accepted commands, payment facts and deadlines in the order of their instants, through
 * the one step of the machine. Decisions extend the recorded history with it, and late facts rewrite its end.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { PaymentFact } from '../payment/fact.ts';
import type { PolicyProfile } from '../policy/index.ts';
import { isDeletion, nextDeadline } from './deadlines.ts';
import type { DecisionContext } from './decision.ts';
import { foldInto } from './evolve-header.ts';
import type { DecidedEvent, SubscriptionEvent } from './events.ts';
import type { Deadline, SubscriptionHeader } from './header.ts';
import { ledgerEntry, type Ledger } from './ledger.ts';
import { emptyPagedMap, type PagedMap } from './paged-map.ts';
import type { PaymentEffect } from './payment-effects.ts';
import type { FactStep, MachineEvent, Situation } from './situation.ts';
import type { AcceptedCommand, Seat } from './state.ts';
import { step } from './step.ts';
import { targetOf } from './terms.ts';
import { conflictNews } from './transitions/seats.ts';
import { copyOf } from './with-changes.ts';

/** What the simulation is given. */
export type SimulationInput = {
  readonly header: SubscriptionHeader;
  readonly policy: PolicyProfile;
  /** Facts and commands are applied up to here, and deadlines fire. */
  readonly until: Instant;
  /** Only a tick may delete. */
  readonly deletes: boolean;
  readonly effects: readonly PaymentEffect[];
  readonly commands: readonly AcceptedCommand[];
  /** Index of the first of `commands` among all accepted ones. */
  readonly commandOffset: number;
  readonly ledger: Ledger | null;
  /** Who holds a seat, where that is known: whoever loses one is named by it. */
  readonly seats?: PagedMap<Seat>;
};

const nothing: readonly never[] = [];

/** A simulation of deadlines alone. Written out: every decision begins with one, and a spread cost a fifth of it. */
export function onlyDeadlines({
  header,
  policy,
  until,
  deletes,
  ledger,
  seats = noSeats,
}: Omit<SimulationInput, 'effects' | 'commands' | 'commandOffset'>): SimulationInput {
  return { header, policy, until, deletes, effects: nothing, commands: nothing, commandOffset: 0, ledger, seats };
}

/** An event, and the input behind it (`null`: a deadline). */
export type SimulatedEvent = { readonly event: DecidedEvent; readonly cause: PaymentEffect | AcceptedCommand | null };

/** What the simulation answers. */
export type Simulated = { readonly header: SubscriptionHeader; readonly events: readonly SimulatedEvent[] };

/** More steps than any subscription takes: beyond it something repeats itself. */
const stepCountMax = 100_000;
const noSeats: PagedMap<Seat> = emptyPagedMap();

/** A decision that would go on for ever: a defect in the rules, never the caller's fault. */
export class DecisionDidNotSettleError extends Error {
  override readonly name = 'DecisionDidNotSettleError';
  readonly code = 'DECISION_DID_NOT_SETTLE';
}

/** Runs the subscription from a header on. */
export function simulate(input: SimulationInput): Simulated {
  const run = new Run(input);
  for (let count = 0; run.advance(); count += 1) {
    if (count > stepCountMax) {
      throw new DecisionDidNotSettleError('The decision did not settle; report the subscription and its last events.');
    }
  }
  return { header: run.header, events: run.events };
}

/** Folds provisional events: no id yet, revisions counted on. */
export function foldProvisional(header: SubscriptionHeader, events: readonly DecidedEvent[]): SubscriptionHeader {
  if (events.length === 0) return header;
  const folded = copyOf(header);
  for (const { type, data, effectiveAt } of events) {
    // Written out: a spread costs as much as folding the event. Type and data are those of one event.
    const event = { type, data, effectiveAt, id: '', revision: folded.revision + 1, recordedAt: '', commandId: '' };
    foldInto(folded, event as SubscriptionEvent);
  }
  return folded;
}

/** One run of the simulation; lives no longer than the call. */
class Run {
  header: SubscriptionHeader;
  readonly events: SimulatedEvent[] = [];
  readonly #input: SimulationInput;
  #nextEffect = 0;
  #nextCommand = 0;

  constructor(input: SimulationInput) {
    this.#input = input;
    this.header = input.header;
  }

  /** Takes the next step; false when nothing is left to do. */
  advance(): boolean {
    const { effects, commands, until } = this.#input;
    const effect = effects[this.#nextEffect];
    const command = commands[this.#nextCommand];
    const deadline = this.#dueDeadline(until);
    const first = earliest(effect?.place, deadline?.at, command?.at);
    if (first === null || first > until) return false;
    // At one instant: payment facts, then deadlines, then commands (`domain.md 6.6`). A fact that became known after a
    // command of the same instant follows it, unless that would put it behind a deadline of this instant.
    const isBeforeCommand = command?.at !== first || (effect?.after ?? 0) <= this.#commandIndex();
    if (effect?.place === first && (isBeforeCommand || deadline?.at === first)) {
      this.#nextEffect += 1;
      this.#take(first, { type: `fact.${effect.kind}`, ...factStep(effect) }, effect);
    } else if (deadline?.at === first) {
      this.#take(first, { type: `deadline.${deadline.kind}` }, null);
    } else if (command) {
      this.#nextCommand += 1;
      this.#take(first, commandEvent(command), command);
    }
    return true;
  }

  #commandIndex(): number {
    return this.#input.commandOffset + this.#nextCommand;
  }

  #dueDeadline(until: Instant): Deadline | null {
    const deadline = nextDeadline(this.header);
    if (deadline === null || deadline.at > until) return null;
    return this.#input.deletes || !isDeletion(this.header, deadline) ? deadline : null;
  }

  #take(at: Instant, event: MachineEvent, cause: SimulatedEvent['cause']): void {
    this.#step(at, event, cause);
    for (let next = this.#followUp(at, event); next !== null; next = this.#followUp(at, next)) {
      this.#step(at, next, cause);
      if (this.events.length > stepCountMax) return;
    }
  }

  #step(at: Instant, event: MachineEvent, cause: SimulatedEvent['cause']): void {
    const events = step(situationAt(this.header, at, this.#input.policy, null, this.#input.seats), event) ?? [];
    for (const emitted of events) this.events.push({ event: emitted, cause });
    this.header = foldProvisional(this.header, events);
  }

  #followUp(at: Instant, event: MachineEvent): MachineEvent | null {
    return followUp(this.header, at, event, this.#input);
  }
}

/** What follows a step by itself: confirmation when nothing is owed, payments whose term can begin now, news of seats. */
export function followUp(
  header: SubscriptionHeader,
  at: Instant,
  event: MachineEvent,
  { policy, ledger }: { readonly policy: PolicyProfile; readonly ledger: Ledger | null },
): MachineEvent | null {
  if (header.status === 'reactivated' && header.reactivation?.settlementNeeded === false) {
    return { type: 'confirm', step: event.type === 'fact.settled' ? event : null };
  }
  return dueParked(header, at, policy, ledger) ?? (conflictNews(header) === null ? null : { type: 'seats.reconcile' });
}

/** A payment that was parked and whose term can begin now. */
function dueParked(
  header: SubscriptionHeader,
  at: Instant,
  policy: PolicyProfile,
  ledger: Ledger | null,
): MachineEvent | null {
  if (header.status !== 'active' || header.parked.length === 0) return null;
  for (const parked of header.parked) {
    const fact = (ledger && ledgerEntry(ledger, parked.payment).settled?.fact) ?? parkedFact(parked);
    if (targetOf(header, fact, at, policy) !== 'later') {
      return { type: 'fact.settled', fact, payment: parked.payment, full: false, refunded: 0 };
    }
  }
  return null;
}

/** Read models keep no ledger: what they know of a parked payment is enough to fold what it does. */
function parkedFact(parked: SubscriptionHeader['parked'][number]): PaymentFact {
  const [provider = '', ...object] = parked.payment.split('/');
  return {
    kind: 'settled',
    provider,
    providerEventId: parked.payment,
    providerObjectId: object.join('/'),
    amount: { minor: parked.minor, currency: parked.currency },
    occurredAt: '',
    ...(parked.periodStart === null ? {} : { servicePeriod: { start: parked.periodStart, end: parked.periodStart } }),
  };
}

/** The situation of a step that nobody asks for: no roles, no payment details. */
export function situationAt(
  header: SubscriptionHeader,
  at: Instant,
  policy: PolicyProfile,
  caller: DecisionContext | null = null,
  seats: PagedMap<Seat> = noSeats,
): Situation {
  return { header, seats, at, policy, caller };
}

function factStep({ fact, payment, full, refunded }: PaymentEffect): FactStep {
  return { fact, payment, full, refunded };
}

function commandEvent({ name, body }: AcceptedCommand): MachineEvent {
  const { memory = {}, ...rest } = body;
  // The trace was written from a validated command of this name, see decide-command.ts.
  return { type: name, body: rest, memory } as MachineEvent;
}

function earliest(...instants: readonly (Instant | undefined)[]): Instant | null {
  return instants.reduce<Instant | null>(
    (first, at) => (at !== undefined && (first === null || at < first) ? at : first),
    null,
  );
}
