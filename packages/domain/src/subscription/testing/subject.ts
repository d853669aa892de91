/**
 * A subscription under test: the loop of a handler without engines. Every event is checked against its schema, and after
 * each one the folded status against the machine's own targets.
 *
 * @module
 */
import type { Instant } from '../../instant.ts';
import { paymentFactSchema, type PaymentFact, type PaymentFactKind } from '../../payment/fact.ts';
import { subscriptionCommandSchemas, type SubscriptionCommand, type SubscriptionCommandName } from '../commands.ts';
import { decide } from '../decide.ts';
import type { DecisionContext, SubscriptionDecision, SubscriptionInput } from '../decision.ts';
import { subscriptionEventSchemas, type DecidedEvent, type SubscriptionEvent } from '../events.ts';
import type { SubscriptionHeader } from '../header.ts';
import { evolve, initialSubscription, type SubscriptionState } from '../state.ts';
import { subscriptionView, type SubscriptionView } from '../view.ts';

/** A short instant: `2027-06-01`, `2027-06-01T10:00` or all of it. */
export function at(text: string): Instant {
  return new Date(text.includes('T') && !text.endsWith('Z') ? `${text}Z` : text).toISOString();
}

/** A valid payment fact; ids are made up from a counter unless given. */
export function fact(
  kind: PaymentFactKind,
  occurredAt: string,
  {
    id = 'in_1',
    eventId = `evt_${kind}_${id}_${occurredAt}`,
    ...more
  }: Partial<PaymentFact> & { id?: string; eventId?: string } = {},
): PaymentFact {
  return paymentFactSchema.parse({
    kind,
    provider: 'stripe',
    providerEventId: eventId,
    providerObjectId: id,
    amount: { minor: 1000, currency: 'EUR' },
    ...more,
    occurredAt: at(occurredAt),
  });
}

/** See the module's description. */
export class Subject {
  state: SubscriptionState = initialSubscription;
  readonly log: SubscriptionEvent[] = [];
  now: Instant;
  roles: readonly string[] = ['global-admin'];
  facts: Partial<DecisionContext> = {};
  /** Every event goes through JSON and its schema before it is folded. */
  checksEvents = true;
  #ids = 0;

  constructor(now = '2026-06-01') {
    this.now = at(now);
  }

  /** A subscription that is `pending`. */
  static created(body: Partial<Extract<SubscriptionCommand, { name: 'create' }>['body']> = {}, now?: string): Subject {
    const subject = new Subject(now);
    subject.accept('create', { planId: 'business', seats: 3, term: 'P1Y', ...body });
    return subject;
  }

  /** A subscription that is `active`, its first term starting at `now`. */
  static active(body: Partial<Extract<SubscriptionCommand, { name: 'create' }>['body']> = {}, now?: string): Subject {
    const subject = Subject.created(body, now);
    subject.accept('activate');
    return subject;
  }

  get header(): SubscriptionHeader {
    if (this.state.header === null) throw new Error('not created yet');
    return this.state.header;
  }

  get view(): SubscriptionView {
    return subscriptionView(this.header, this.now);
  }

  /** Types of the events so far, from an index on. */
  types(from = 0): string[] {
    return this.log.slice(from).map(({ type }) => type);
  }

  context(): DecisionContext {
    this.#ids += 1;
    return {
      target: { tenant: 'acme', subscriptionId: 's1' },
      now: this.now,
      roles: this.roles,
      newId: `reactivation-${this.#ids}`,
      ...this.facts,
    };
  }

  /** `body`: what the schema takes, or what makes that of the subscription as it is now. */
  command(
    name: SubscriptionCommandName,
    body: unknown = {},
    commandId = `command-${(this.#ids += 1)}`,
  ): SubscriptionDecision {
    const given: unknown = typeof body === 'function' ? body(this) : body;
    // The schema is that of the name.
    const command = { name, body: subscriptionCommandSchemas[name].parse(given) } as SubscriptionCommand;
    return this.#take({ kind: 'command', command, commandId, commandHash: JSON.stringify(command) });
  }

  /** A command that must be accepted. */
  accept(name: SubscriptionCommandName, body?: unknown, commandId?: string): void {
    const decision = this.command(name, body, commandId);
    if (decision.kind !== 'accepted')
      throw new Error(`${name} while ${this.state.header?.status}: ${JSON.stringify(decision)}`);
  }

  /** Reason codes of a refused command; the other kinds by their name. */
  codes(name: SubscriptionCommandName, body?: unknown): readonly string[] {
    const before = this.state;
    const decision = this.command(name, body);
    if (decision.kind !== 'refused') return [decision.kind];
    if (this.state !== before) throw new Error('a refusal changed the state');
    if (decision.reasonCodes.length === 0 || decision.remedies.length === 0)
      throw new Error('a refusal without a way out');
    return decision.reasonCodes;
  }

  pay(payment: PaymentFact): SubscriptionDecision {
    return this.#take({
      kind: 'fact',
      fact: payment,
      commandId: `fact:${payment.provider}:${payment.providerEventId}`,
      commandHash: JSON.stringify(payment),
    });
  }

  /** The successor that was reserved runs, or was refused for these reasons. */
  settleSuccessor(refused?: readonly string[]): SubscriptionDecision {
    return this.#take({
      kind: 'successor',
      successorId: this.header.successor?.subscriptionId ?? '',
      ...(refused === undefined ? {} : { refused }),
      commandId: `successor-${(this.#ids += 1)}`,
      commandHash: JSON.stringify(refused ?? 'started'),
    });
  }

  /** Moves the clock and lets what is due happen. */
  tick(now?: string): SubscriptionDecision {
    if (now !== undefined) this.now = at(now);
    return this.#take({ kind: 'tick' });
  }

  /** As `tick`, by a handler that holds deletion back until every payment stored before is handled. */
  tickWithoutDeleting(): void {
    const decision = this.decide({ kind: 'tick' });
    const events =
      decision.kind === 'accepted' ? decision.events.filter(({ type }) => type !== 'SubscriptionDeleted') : [];
    if (events.length > 0) this.#append(events, { kind: 'tick' });
  }

  decide(input: SubscriptionInput): SubscriptionDecision {
    return decide(this.state, input, this.context());
  }

  #take(input: SubscriptionInput): SubscriptionDecision {
    const decision = this.decide(input);
    if (decision.kind === 'accepted') this.#append(decision.events, input);
    return decision;
  }

  #append(events: Extract<SubscriptionDecision, { kind: 'accepted' }>['events'], input: SubscriptionInput): void {
    if (events.length === 0) throw new Error('accepted, but nothing to append');
    events.forEach((event, index) => {
      const { type, data, effectiveAt, reason } = this.checksEvents ? stored(event) : event;
      // Written out, as reading the log does: a spread would give V8 a shape for each event.
      const recorded = {
        type,
        data,
        effectiveAt,
        ...(reason === undefined ? {} : { reason }),
        id: `00000000-0000-4000-8000-${String(this.log.length).padStart(12, '0')}`,
        revision: this.log.length,
        recordedAt: this.now,
        commandId: input.kind === 'tick' ? `tick:${this.now}` : input.commandId,
        ...(index === 0 && input.kind !== 'tick' ? { commandHash: input.commandHash } : {}),
        // Type and data are those of one event.
      } as SubscriptionEvent;
      this.log.push(recorded);
      this.state = evolve(this.state, recorded);
    });
  }
}

/** As the event comes back from the log. */
function stored(event: DecidedEvent): DecidedEvent {
  // JSON made of an event, which the next line checks.
  const read = JSON.parse(JSON.stringify(event)) as DecidedEvent;
  subscriptionEventSchemas[event.type].parse(read.data);
  return read;
}
