import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentFact } from './fact.ts';
import { settledFact } from './facts.fixture.ts';
import { linksOf, referencesOf } from './links.ts';

const test = suite('payment links');

const told = (fact: PaymentFact): string[] =>
  linksOf(fact).map(({ from, to }) => `${from.kind}:${from.ref} > ${to.kind}:${to.ref}`);

test('all that a settled fact names belongs to its subscription', () => {
  assert.equal(told(settledFact({ chargeRef: 'ch_1', paymentRef: 'pi_1' })), [
    'invoice:in_1 > subscription:sub_999',
    'payment:pi_1 > subscription:sub_999',
    'charge:ch_1 > subscription:sub_999',
    'object:in_1 > subscription:sub_999',
  ]);
});

test('a fact that knows our subscription and the provider’s joins the two', () => {
  const fact = settledFact({ subscriptionRef: 'acme/S1', providerSubscriptionRef: 'sub_999' });
  assert.is(told(fact)[0], 'subscription:sub_999 > subscription:acme/S1');
});

test('a refund that knows only its charge is looked up by it', () => {
  const refund = settledFact({ kind: 'refunded', providerObjectId: 'ch_1', chargeRef: 'ch_1' });
  const { subscriptionRef: _, invoiceRef: __, ...bare } = refund;
  assert.equal(referencesOf(bare), [
    { kind: 'charge', ref: 'ch_1' },
    { kind: 'object', ref: 'ch_1' },
  ]);
});

test('a reference that had to be masked joins nothing', () => {
  assert.equal(told(settledFact({ chargeRef: '************1111' })), [
    'invoice:in_1 > subscription:sub_999',
    'object:in_1 > subscription:sub_999',
  ]);
});

test.run();
