/**
 * The life of one subscription on a clock of its own, through nothing but what the domain exports.
 *
 * @module
 */
import {
  decide,
  evolve,
  headerAsOf,
  initialSubscription,
  paymentFactSchema,
  subscriptionCommandSchemas,
  type Instant,
  type PaymentFact,
  type SubscriptionCommand,
  type SubscriptionCommandName,
  type SubscriptionDecision,
  type SubscriptionEvent,
  type SubscriptionHeader,
  type SubscriptionInput,
  type SubscriptionState,
} from '@perennial/domain';

/** Body of a create, as the API takes it. */
export type CreateBody = Partial<Extract<SubscriptionCommand, { name: 'create' }>['body']>;

/** A card that every guard accepts. */
export const card = { kind: 'card', token: 'tok_1', country: 'NL' } as const;

/** An instant some milliseconds away from another. */
export function shifted(at: Instant, ms: number): Instant {
  return new Date(Date.parse(at) + ms).toISOString();
}

/** A settled payment unless told otherwise. */
export function payment(occurredAt: Instant, more: Partial<PaymentFact> = {}): PaymentFact {
  return paymentFactSchema.parse({
    kind: 'settled',
    provider: 'stripe',
    providerEventId: `evt_${occurredAt}_${more.providerObjectId ?? ''}_${more.kind ?? ''}`,
    providerObjectId: `in_${occurredAt}`,
    amount: { minor: 1000, currency: 'EUR' },
    ...more,
    occurredAt,
  });
}

/** See the module's description. */
export class Life {
  readonly events: SubscriptionEvent[] = [];
  state: SubscriptionState = initialSubscription;
  now: Instant;
  #commandCount = 0;

  constructor(body: CreateBody, start: Instant) {
    this.now = start;
    this.command('create', { planId: 'business', seats: 3, term: 'P1Y', ...body });
  }

  /** A life that is `active`, its first term beginning at `start`. */
  static active(body: CreateBody, start: Instant): Life {
    const life = new Life(body, start);
    life.command('activate');
    return life;
  }

  get header(): SubscriptionHeader {
    if (this.state.header === null) throw new Error('the subscription was not created');
    return this.state.header;
  }

  /** The header as of an instant, from the log alone. */
  asOf(at: Instant): SubscriptionHeader | null {
    return headerAsOf(this.events, { at });
  }

  /** What happened and when it took effect, without what depends on when it was written down. */
  get history(): readonly Pick<SubscriptionEvent, 'type' | 'data' | 'effectiveAt'>[] {
    return this.events.map(({ type, data, effectiveAt }) => ({ type, data, effectiveAt }));
  }

  /** The last events as `type effectiveAt`. */
  last(count: number): string[] {
    return this.events.slice(-count).map(({ type, effectiveAt }) => `${type} ${effectiveAt}`);
  }

  command(name: SubscriptionCommandName, body: unknown = {}): SubscriptionDecision {
    // Name and body belong to each other by the schema.
    const command = { name, body: subscriptionCommandSchemas[name].parse(body) } as SubscriptionCommand;
    this.#commandCount += 1;
    const commandId = `command-${this.#commandCount}`;
    return this.#take({ kind: 'command', command, commandId, commandHash: commandId });
  }

  /** A fact, delivered now or, where that is later, at its own instant. */
  pay(fact: PaymentFact): SubscriptionDecision {
    if (fact.occurredAt > this.now) this.now = fact.occurredAt;
    const commandId = `fact:${fact.provider}:${fact.providerEventId}`;
    return this.#take({ kind: 'fact', fact, commandId, commandHash: commandId });
  }

  /** Moves the clock and runs the timers. */
  tick(now: Instant): SubscriptionDecision {
    this.now = now;
    return this.#take({ kind: 'tick' });
  }

  #take(input: SubscriptionInput): SubscriptionDecision {
    const decision = decide(this.state, input, {
      target: { tenant: 'acme', subscriptionId: 's1' },
      now: this.now,
      roles: ['global-admin'],
      newId: `reactivation-${this.#commandCount}`,
    });
    if (decision.kind !== 'accepted') return decision;
    for (const event of decision.events) {
      const revision = this.events.length;
      const recorded: SubscriptionEvent = {
        ...event,
        id: `00000000-0000-4000-8000-${String(revision).padStart(12, '0')}`,
        revision,
        recordedAt: this.now,
        commandId: input.kind === 'tick' ? `tick:${this.now}` : input.commandId,
        ...(input.kind === 'tick' ? {} : { commandHash: input.commandHash }),
      };
      this.events.push(recorded);
      this.state = evolve(this.state, recorded);
    }
    return decision;
  }
}
