/**
 * The two real orders of one checkout, and a thousand others, through adapter, links and decisions: without engines, so that
 * a thousand are cheap. The same through the whole pipeline: out-of-order.int.test.ts.
 */
import {
  decide,
  evolve,
  initialSubscription,
  linksOf,
  paymentFactsFromStripe,
  referencesOf,
  type DecisionContext,
  type PaymentFact,
  type PaymentLink,
  type SubscriptionInput,
  type SubscriptionState,
} from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  badOrder,
  checkout,
  goodOrder,
  openedDispute,
  partialRefund,
  shuffledDeliveries,
  type StripeEvent,
} from './checkout-events.ts';

const test = suite('one checkout in any order of its events (domain.md 5.2, scenario 10)');

const paidAt = '2027-06-01T10:00:00.000Z';
const now = '2027-06-01T10:05:00.000Z';

const context: DecisionContext = {
  target: { tenant: 'acme', subscriptionId: 's1' },
  now,
  roles: ['global-admin'],
  newId: 'unused',
};

/** A subscription that knows Stripe's, activated a minute before it was paid. */
function bought(): SubscriptionState {
  const commands = [
    {
      name: 'create',
      body: {
        planId: 'business',
        seats: 3,
        term: 'P1M',
        zone: 'UTC',
        profile: 'direct-mosa-2020',
        channel: 'direct',
        recurringBilling: true,
        trial: false,
        price: { minor: 1000, currency: 'EUR' },
        providerRefs: { stripe: { subscription: 'sub_1' } },
      },
    },
    { name: 'activate', body: {} },
  ] as const;
  return commands.reduce(
    (state, command, index) =>
      taken(state, { kind: 'command', command, commandId: `c${index}`, commandHash: '' }, '2027-06-01T09:59:00.000Z'),
    initialSubscription,
  );
}

function taken(state: SubscriptionState, input: SubscriptionInput, at = now): SubscriptionState {
  const decision = decide(state, input, { ...context, now: at });
  if (decision.kind !== 'accepted') return state;
  return decision.events.reduce((folded, event, index) => {
    const revision = (folded.header?.revision ?? -1) + 1;
    const id = `00000000-0000-4000-8000-${String(revision).padStart(12, '0')}`;
    const commandId = input.kind === 'tick' ? 'tick' : input.commandId;
    const hashed = index === 0 && input.kind !== 'tick' ? { commandHash: input.commandHash } : {};
    return evolve(folded, { ...event, id, revision, recordedAt: at, commandId, ...hashed });
  }, state);
}

/** What intake and matcher do, in memory: a fact waits until links lead from one of its references to `sub_1`. */
function ingested(events: readonly StripeEvent[]): SubscriptionState {
  let state = bought();
  const links: PaymentLink[] = [];
  let waiting: PaymentFact[] = [];
  for (const event of events) {
    for (const reading of paymentFactsFromStripe(event, { receivedAt: now })) {
      if (reading.kind === 'fact') {
        links.push(...linksOf(reading.fact));
        waiting.push(reading.fact);
      } else if (reading.kind === 'stored') links.push(...(reading.event.links ?? []));
      else throw new Error(`${event.type} was read as ${reading.kind}`);
    }
    const matched = waiting.filter((fact) => leadsToSubscription(fact, links));
    waiting = waiting.filter((fact) => !matched.includes(fact));
    for (const fact of matched) {
      const commandId = `fact:stripe:${fact.providerEventId}`;
      state = taken(state, { kind: 'fact', fact, commandId, commandHash: commandId });
    }
  }
  assert.is(waiting.length, 0);
  return state;
}

function leadsToSubscription(fact: PaymentFact, links: readonly PaymentLink[]): boolean {
  const found = new Set(referencesOf(fact).map(({ ref }) => ref));
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const { from, to } of links) if (found.has(from.ref)) found.add(to.ref);
  }
  return found.has('sub_1');
}

/** The revision too: whatever the order, the log holds the payment once and nothing that was undone. */
function outcome({ header }: SubscriptionState): unknown {
  return { ...header, statusEventId: '' };
}

test('both real orders end in the same state: paid, active, one month', () => {
  const good = ingested(checkout('1', paidAt, goodOrder));
  const bad = ingested(checkout('1', paidAt, badOrder));
  assert.equal(outcome(bad), outcome(good));
  assert.equal(
    [good.header?.status, good.header?.termPaid, good.header?.termEnd],
    ['active', true, '2027-07-01T09:59:00.000Z'],
  );
  assert.equal(good.header?.credit, null);
});

test('a thousand shuffles, each event delivered one to four times, end there too', () => {
  const events = checkout('1', paidAt, goodOrder);
  const expected = outcome(ingested(events));
  for (let seed = 1; seed <= 1_000; seed += 1) {
    assert.equal(outcome(ingested(shuffledDeliveries(events, seed))), expected, `seed ${seed}`);
  }
});

test('a refund and a dispute that know only the charge find the payment, before or after it', () => {
  const events = [...checkout('1', paidAt, goodOrder), partialRefund('1', now), openedDispute('1', now)];
  const expected = ingested(events);
  assert.equal([expected.header?.status, expected.header?.disabledReasons], ['active', ['chargeback']]);
  for (let seed = 1; seed <= 100; seed += 1) {
    // A dispute that is known before the payment it follows is decided again: that is in the log as well.
    const { header } = ingested(shuffledDeliveries(events, seed));
    assert.equal({ ...header, revision: 0 }, { ...expected.header, revision: 0 }, `seed ${seed}`);
  }
});

test.run();
