import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { decidePayment, type PaymentDecision, type PaymentInput } from './decide.ts';
import { paymentEventSchemas } from './events.ts';
import { settledFact } from './facts.fixture.ts';
import { evolvePayment, initialPayment, itemsToApply, type PaymentState } from './state.ts';

const test = suite('payment stream');
const now = '2027-06-01T10:01:00.000Z';
const subscription = { tenant: 'acme', subscriptionId: 'S1' };
const receive = (changes: Parameters<typeof settledFact>[0] = {}): PaymentInput => ({
  kind: 'receive',
  fact: settledFact(changes),
  reason: 'UNKNOWN_SUBSCRIPTION',
});
const matchInput: PaymentInput = { kind: 'match', subscription, by: 'link' };

/** Decides one input after the other; every event must fit its schema. */
function run(...inputs: PaymentInput[]): { state: PaymentState; last: PaymentDecision; types: string[] } {
  let state = initialPayment;
  let last: PaymentDecision = { kind: 'nothing' };
  const types: string[] = [];
  for (const input of inputs) {
    last = decidePayment(state, input, now);
    for (const event of last.kind === 'accepted' ? last.events : []) {
      assert.equal(paymentEventSchemas[event.type].parse(event.data), event.data);
      state = evolvePayment(state, event);
      types.push(event.type);
    }
  }
  return { state, last, types };
}

test('a fact for an unknown subscription is parked, matched once and applied once (scenario 7)', () => {
  const applied: PaymentInput = { kind: 'applied', providerEventIds: ['evt_1'], outcome: 'APPLIED' };
  const { types, state, last } = run(receive(), matchInput, matchInput, applied, applied);
  assert.equal(types, ['PaymentFactParked', 'PaymentFactMatched', 'PaymentFactApplied']);
  assert.equal(state.matchedTo, subscription);
  assert.is(state.items.get('evt_1')?.status, 'applied');
  assert.is(last.kind, 'nothing');
});

test('the same event delivered again appends nothing', () => {
  const { types, last } = run(receive(), receive({ receivedAt: '2027-06-02T00:00:00.000Z', rawRef: 'abc' }));
  assert.equal(types, ['PaymentFactParked']);
  assert.equal(last, { kind: 'nothing', outcome: 'DUPLICATE_TRANSPORT' });
});

test('a sibling event that says the same is a duplicate of its effect, noted once (scenario 9)', () => {
  const sibling = receive({ providerEventId: 'evt_2', providerCreatedAt: '2027-06-01T10:00:01.000Z' });
  const { types, last } = run(receive(), sibling, sibling);
  assert.equal(types, ['PaymentFactParked', 'DuplicateObserved']);
  assert.equal(last, { kind: 'nothing', outcome: 'DUPLICATE_EFFECT' });
});

test('a sibling that knows more is kept: the ledger merges what differs', () => {
  const { types } = run(receive(), receive({ providerEventId: 'evt_2', chargeRef: 'ch_1' }));
  assert.equal(types, ['PaymentFactParked', 'PaymentFactParked']);
});

test('a quarantined fact does not swallow a sound one that says the same', () => {
  const quarantine: PaymentInput = { kind: 'quarantine', fact: settledFact(), reason: 'CONTRADICTION' };
  const { types } = run(quarantine, receive({ providerEventId: 'evt_2' }));
  assert.equal(types, ['PaymentFactQuarantined', 'PaymentFactParked']);
});

test('two attempts that failed are two effects, even at one instant', () => {
  const failed = (providerEventId: string, attempt: number): PaymentInput =>
    receive({ kind: 'failed', providerEventId, attempt });
  const { types } = run(failed('evt_1', 1), failed('evt_2', 2), failed('evt_3', 2));
  assert.equal(types, ['PaymentFactParked', 'PaymentFactParked', 'DuplicateObserved']);
});

test('an event id that comes with other content is quarantined, the first stays', () => {
  const other = receive({ amount: { minor: 1, currency: 'EUR' } });
  const { types, state } = run(receive(), other, other, receive());
  assert.equal(types, ['PaymentFactParked', 'PaymentFactQuarantined']);
  assert.is(state.items.get('evt_1')?.status, 'parked');
  assert.is(state.conflicting.get('evt_1')?.length, 1);
});

test('a fact from the future is quarantined, five minutes of skew are not the future', () => {
  assert.equal(run(receive({ occurredAt: '2027-06-01T10:06:00.000Z' })).types, ['PaymentFactParked']);
  const { state, types } = run(receive({ occurredAt: '2027-06-01T10:06:00.001Z' }), matchInput);
  assert.equal(types, ['PaymentFactQuarantined'], 'a matcher does not release it');
  assert.is(state.items.get('evt_1')?.reason, 'OCCURS_IN_THE_FUTURE');
});

test('an operator can release a quarantined fact by naming it', () => {
  const quarantine: PaymentInput = { kind: 'quarantine', fact: settledFact(), reason: 'CONTRADICTION', detail: 'paid' };
  const release: PaymentInput = { kind: 'match', subscription, by: 'operator', quarantined: ['evt_1'] };
  const { types, state } = run(quarantine, quarantine, release);
  assert.equal(types, ['PaymentFactQuarantined', 'PaymentFactMatched']);
  assert.is(itemsToApply(state).length, 1);
});

test('what comes later for a matched object follows it at once', () => {
  const refund = receive({ kind: 'refunded', providerEventId: 'evt_3', cumulativeRefunded: 1500 });
  const { types, state, last } = run(receive(), matchInput, refund);
  assert.equal(types, ['PaymentFactParked', 'PaymentFactMatched', 'PaymentFactParked', 'PaymentFactMatched']);
  assert.is(last.kind === 'accepted' && last.events.length, 2, 'in one append');
  assert.is(itemsToApply(state).length, 2);
});

test('a second subscription cannot claim what is matched', () => {
  const other: PaymentInput = { kind: 'match', subscription: { tenant: 'evil', subscriptionId: 'S1' }, by: 'operator' };
  assert.equal(run(receive(), matchInput, other).last, { kind: 'refused', reasonCodes: ['PAYMENT_ALREADY_MATCHED'] });
  assert.equal(run(other).last, { kind: 'refused', reasonCodes: ['NOT_FOUND'] });
  const sibling: PaymentInput = { kind: 'match', subscription: { tenant: 'acme', subscriptionId: 'S2' }, by: 'link' };
  assert.equal(run(receive(), matchInput, sibling).last, { kind: 'refused', reasonCodes: ['PAYMENT_ALREADY_MATCHED'] });
  assert.is(run(receive(), matchInput, matchInput).last.kind, 'nothing', 'the same one may ask again');
});

test('which attempt it was and where the provider counts it does not make a payment another one', () => {
  const again = receive({ providerEventId: 'evt_2', attempt: 2, providerSequence: '17' });
  assert.equal(run(receive(), again).types, ['PaymentFactParked', 'DuplicateObserved']);
});

test('items are applied in the order in which they happened', () => {
  const earlier = receive({ kind: 'failed', providerEventId: 'evt_9', occurredAt: '2027-05-30T00:00:00.000Z' });
  for (const received of [
    [receive(), earlier],
    [earlier, receive()],
  ]) {
    const ids = itemsToApply(run(...received, matchInput).state).map(
      (item) => item.kind === 'fact' && item.fact.providerEventId,
    );
    assert.equal(ids, ['evt_9', 'evt_1']);
  }
});

test('an ending by the provider waits and is matched like a fact', () => {
  const ending: PaymentInput = {
    kind: 'receive-ending',
    reason: 'UNKNOWN_SUBSCRIPTION',
    ending: {
      provider: 'stripe',
      providerEventId: 'evt_5',
      providerObjectId: 'sub_999',
      subscriptionRef: 'sub_999',
      endedAt: '2027-06-01T09:00:00.000Z',
    },
  };
  const { types, state } = run(ending, ending, matchInput);
  assert.equal(types, ['ProviderEndingParked', 'PaymentFactMatched']);
  assert.is(itemsToApply(state)[0]?.kind, 'ending');
});

test('a refund due and a stored type are noted once', () => {
  const due: PaymentInput = { kind: 'raise-refund-due', fact: settledFact(), subscription };
  const stored: PaymentInput = {
    kind: 'store',
    provider: 'stripe',
    providerEventId: 'evt_7',
    providerObjectId: 'ch_1',
    type: 'charge.updated',
  };
  const { types, last } = run(due, due, stored, stored);
  assert.equal(types, ['RefundDueRaised', 'ProviderEventStored']);
  assert.equal(run(due, due).last, { kind: 'nothing' });
  assert.equal(last, { kind: 'nothing', outcome: 'UNKNOWN_TYPE_STORED' });
});

test('whatever the order and the number of deliveries, the same facts reach the subscription', () => {
  const facts = [
    receive(),
    receive({ providerEventId: 'evt_2' }),
    receive({ kind: 'failed', providerEventId: 'evt_3', attempt: 1, occurredAt: '2027-05-31T00:00:00.000Z' }),
    receive({ kind: 'refunded', providerEventId: 'evt_4', cumulativeRefunded: 500 }),
    receive({ kind: 'refunded', providerEventId: 'evt_5', cumulativeRefunded: 1500 }),
  ];
  const deliveries = fc.shuffledSubarray([...facts, ...facts, ...facts, matchInput, matchInput], { minLength: 17 });
  fc.assert(
    fc.property(deliveries, (inputs) => {
      // Twins may change places, so what counts is what they say, not which of them said it.
      const said = itemsToApply(run(...inputs, matchInput).state).map(
        (item) => item.kind === 'fact' && `${item.fact.kind} ${item.fact.cumulativeRefunded} ${item.fact.attempt}`,
      );
      assert.equal(said.sort(), [
        'failed undefined 1',
        'refunded 1500 undefined',
        'refunded 500 undefined',
        'settled undefined undefined',
      ]);
    }),
  );
});

test.run();
