import {
  asSubscriptionEvent,
  decide,
  evolve,
  initialSubscription,
  paymentFactsFromCloudEvents,
  subscriptionCommandSchemas,
  type DecidedEvent,
  type DecisionContext,
  type PaymentFact,
  type SubscriptionCommand,
  type SubscriptionEvent,
  type SubscriptionInput,
  type SubscriptionState,
} from '@perennial/domain';
import { payment, purchase, type Subscription } from './payments.ts';

/** Who asks and when; the same for every system. */
export function contextOf(target: Subscription, now: string): DecisionContext {
  return { target, now, roles: ['global-admin'], newId: 'bench', actorId: 'bench' };
}

/** Decided events as they would come back from a log: of one shape, as reading them makes them. */
export function asRecorded(
  events: readonly DecidedEvent[],
  { commandId, now, revision }: { readonly commandId: string; readonly now: string; readonly revision: number },
): SubscriptionEvent[] {
  return events.map(({ type, data, effectiveAt }, index) =>
    asSubscriptionEvent({
      type,
      data,
      id: `bench-${revision + 1 + index}`,
      revision: revision + 1 + index,
      metadata: {
        effectiveAt,
        recordedAt: now,
        commandId,
        actor: { type: 'user' },
        ...(index === 0 ? { commandHash: commandId } : {}),
      },
    }),
  );
}

/** The payment fact that intake would read from the message. */
export function factOf(subscription: Subscription, id: string, at: Date): PaymentFact {
  const body = Buffer.from(JSON.stringify(payment(subscription, id, at)));
  const [reading] = paymentFactsFromCloudEvents({ headers: {}, body }, { receivedAt: at.toISOString() });
  if (reading?.kind !== 'fact')
    throw new TypeError(`the bench's payment was not understood: ${JSON.stringify(reading)}`);
  return reading.fact;
}

/** A renewal as a decision is given it. */
export function renewal(fact: PaymentFact): SubscriptionInput & { readonly kind: 'fact' } {
  const commandId = `fact:${fact.provider}:${fact.providerEventId}`;
  return { kind: 'fact', fact, commandId, commandHash: commandId };
}

/** What makes a subscription active with one seat held: create, activate, assign. */
export const opening: readonly SubscriptionCommand[] = [
  { name: 'create', body: subscriptionCommandSchemas.create.parse(purchase) },
  { name: 'activate', body: {} },
  { name: 'assign-license', body: { personId: 'person', appsOff: [] } },
];

/** A subscription that takes one input after another, each a second later. */
export type Life = {
  /** The instant of the next input. */
  at(): Date;
  state(): SubscriptionState;
  /** The events that the input is answered with. */
  take(input: SubscriptionInput & { readonly commandId: string }): readonly SubscriptionEvent[];
  /** The same of a command; the id is its own. */
  order(commandId: string, command: SubscriptionCommand): readonly SubscriptionEvent[];
};

/** Begins a life that the domain decides. */
export function beginLife(subscription: Subscription, beganAt: Date): Life {
  let state = initialSubscription;
  let at = beganAt;
  const take: Life['take'] = (input) => {
    const now = at.toISOString();
    const decision = decide(state, input, contextOf(subscription, now));
    if (decision.kind !== 'accepted') throw new TypeError(`the bench's input was ${decision.kind}`);
    const revision = state.header?.revision ?? -1;
    const recorded = asRecorded(decision.events, { commandId: input.commandId, now, revision });
    for (const event of recorded) state = evolve(state, event);
    at = new Date(at.getTime() + 1_000);
    return recorded;
  };
  return {
    at: () => at,
    state: () => state,
    take,
    order: (commandId, command) => take({ kind: 'command', command, commandId, commandHash: commandId }),
  };
}

/** A subscription's whole life up to so many events, decided by the domain: the opening, then a renewal each. */
export function historyOf(
  subscription: Subscription,
  eventCount: number,
  beganAt: Date,
): { readonly events: readonly SubscriptionEvent[]; readonly state: SubscriptionState; readonly now: string } {
  const life = beginLife(subscription, beganAt);
  const events = opening.flatMap((command) => life.order(`open:${command.name}`, command));
  for (let index = 0; events.length < eventCount; index += 1) {
    events.push(...life.take(renewal(factOf(subscription, `${subscription.subscriptionId}-${index}`, life.at()))));
  }
  return { events, state: life.state(), now: life.at().toISOString() };
}
