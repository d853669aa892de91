import type { PaymentFact } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryLog, type TestEvent } from '../testing/memory-log.ts';
import { evolvePayment, statusOf, type Payment } from './payment-row.ts';

const test = suite('payment inbox');
const stream = 'payment-stripe_in=5F1';
const receivedAt = '2027-01-02T00:00:00.000Z';
const subscription = { tenant: 'acme', subscriptionId: 'sub-1' };

const fact: PaymentFact = {
  kind: 'settled',
  provider: 'stripe',
  providerEventId: 'evt_1',
  providerObjectId: 'in_1',
  subscriptionRef: 'sub_999',
  amount: { minor: 1000, currency: 'EUR' },
  occurredAt: '2027-01-01T00:00:00.000Z',
};
const event = (type: string, data: unknown): TestEvent => ({ stream, type, data });
const parked = event('PaymentFactParked', { fact, reason: 'UNKNOWN_SUBSCRIPTION', receivedAt });
const matched = event('PaymentFactMatched', { providerEventIds: ['evt_1'], subscription, by: 'link' });
const applied = event('PaymentFactApplied', { providerEventIds: ['evt_1'], subscription, outcome: 'APPLIED' });

function fold(...events: TestEvent[]): Payment {
  let payment: Payment | null = null;
  for (const item of new MemoryLog().append(...events)) {
    if (item.kind === 'event') payment = evolvePayment(payment, item.event);
  }
  if (payment === null) throw new Error('nothing was folded');
  return payment;
}

test('a parked fact waits under its provider, object and reason', () => {
  const payment = fold(parked);
  assert.is(statusOf(payment), 'parked');
  assert.equal(
    { provider: payment.provider, object: payment.object, facts: payment.facts },
    {
      provider: 'stripe',
      object: 'in_1',
      facts: [
        {
          providerEventId: 'evt_1',
          status: 'parked',
          reason: 'UNKNOWN_SUBSCRIPTION',
          receivedAt,
          subscriptionRef: 'sub_999',
          applied: false,
        },
      ],
    },
  );
});

test('a matched fact is open until it was applied, and stays matched in the inbox', () => {
  assert.is(statusOf(fold(parked, matched)), 'matched');
  const done = fold(parked, matched, applied);
  assert.is(statusOf(done), 'done');
  assert.equal([done.facts[0]?.status, done.matchedTo], ['matched', subscription]);
});

test('a repeated delivery is one line however often it comes', () => {
  const duplicate = event('DuplicateObserved', { providerEventId: 'evt_1', level: 'transport' });
  const payment = fold(parked, duplicate, duplicate);
  assert.equal(
    payment.facts.map(({ status, reason }) => [status, reason]),
    [
      ['parked', 'UNKNOWN_SUBSCRIPTION'],
      ['duplicate', 'DUPLICATE_TRANSPORT'],
    ],
  );
});

test('a duplicate says whose payment it is, also when the payment itself never waited here', () => {
  const alone = fold(event('DuplicateObserved', { providerEventId: 'evt_2', level: 'effect', subscription }));
  assert.is(alone.facts[0]?.subscriptionRef, `${subscription.tenant}/${subscription.subscriptionId}`);
  const repeated = event('DuplicateObserved', { providerEventId: 'evt_1', level: 'transport', subscription });
  assert.is(fold(parked, repeated).facts[1]?.subscriptionRef, 'sub_999', 'in the words of the payment, where known');
});

test('a fact that waits outranks everything else on the same object', () => {
  const second = { ...fact, providerEventId: 'evt_2' };
  const later = event('PaymentFactParked', { fact: second, reason: 'UNKNOWN_SUBSCRIPTION', receivedAt });
  assert.is(statusOf(fold(parked, matched, applied, later)), 'parked');
});

test('a contradiction is quarantined, and a refund due is shown with its subscription', () => {
  const quarantined = event('PaymentFactQuarantined', { fact, reason: 'CONTRADICTION', receivedAt });
  assert.is(statusOf(fold(quarantined)), 'quarantined');
  const refund = fold(event('RefundDueRaised', { providerEventId: 'evt_1', fact, subscription, receivedAt }));
  assert.equal([refund.facts[0]?.status, statusOf(refund), refund.matchedTo], ['refund_due', 'done', subscription]);
});

test.run();
