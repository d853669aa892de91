import { evolve, initialSubscription, type SubscriptionEvent, type SubscriptionState } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { subscriptionParts } from './subscription-parts.ts';
import { contentOf } from './testing/cached-subscription.ts';

const test = suite('subscription parts');
const at = '2027-03-01T00:00:00.000Z';
const head = { revision: 0, hash: '', recordedAt: at };

function created(): SubscriptionState {
  return evolve(initialSubscription, {
    type: 'SubscriptionCreated',
    data: {
      tenant: 'acme',
      subscriptionId: 's1',
      profile: 'direct-mosa-2020@1',
      planId: 'e3',
      seats: 20_000,
      term: 'P1M',
      zone: 'UTC',
      channel: 'direct',
      recurringBilling: true,
      trial: false,
      providerRefs: {},
    },
    effectiveAt: at,
    id: 'e0',
    revision: 0,
    recordedAt: at,
    commandId: 'c0',
    commandHash: 'h0',
  });
}

function assigned(index: number): SubscriptionEvent {
  const of = { id: `e${index}`, revision: index, recordedAt: at, commandId: `c${index}`, commandHash: `h${index}` };
  return {
    type: 'LicenseAssigned',
    data: { personId: `p${index}`, appsOff: [], source: 'direct' },
    effectiveAt: at,
    ...of,
  };
}

for (const seatCount of [0, 200, 1_000, 9_000]) {
  test(`a state with ${seatCount} seats is the same from its parts`, () => {
    let state = created();
    for (let index = 1; index <= seatCount; index += 1) state = evolve(state, assigned(index));
    const layout: unknown = JSON.parse(JSON.stringify(subscriptionParts.layoutOf(state)));
    const parts = subscriptionParts.partsOf(state).map(({ content }): unknown => JSON.parse(JSON.stringify(content())));
    const joined = subscriptionParts.join(layout, (index) => parts[index]);
    assert.equal(contentOf({ state: joined, head, position: 1n }), contentOf({ state, head, position: 1n }));
    const more = assigned(seatCount + 1);
    assert.equal(
      contentOf({ state: evolve(joined, more), head, position: 1n }),
      contentOf({ state: evolve(state, more), head, position: 1n }),
    );
  });
}

test.run();
