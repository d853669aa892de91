import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { settledFact } from './facts.fixture.ts';
import { linksOf, referencesOf } from './links.ts';

const test = suite('payment links');

test('a settled fact teaches the way from its object over charge and invoice to the subscription', () => {
  const links = linksOf(settledFact({ chargeRef: 'ch_1', paymentRef: 'pi_1' }));
  assert.equal(
    links.map(({ from, to }) => `${from.kind}:${from.ref} > ${to.kind}:${to.ref}`),
    [
      'object:in_1 > charge:ch_1',
      'charge:ch_1 > payment:pi_1',
      'payment:pi_1 > invoice:in_1',
      'invoice:in_1 > subscription:sub_999',
    ],
  );
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
  assert.equal(
    linksOf(settledFact({ chargeRef: '************1111' })).map(({ from }) => from.kind),
    ['object', 'invoice'],
  );
});

test.run();
