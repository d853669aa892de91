import type { PaymentFact } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { referencesLearntFrom, referencesOfCreation, referencesOfFact } from './payment-references.ts';

const test = suite('references of payments');
const fact = (rest: Partial<PaymentFact>): PaymentFact => ({
  kind: 'refunded',
  provider: 'stripe',
  providerEventId: 'evt_1',
  providerObjectId: 're_1',
  amount: { minor: 1, currency: 'EUR' },
  occurredAt: '2027-01-01T00:00:00.000Z',
  ...rest,
});

test('a fact that names our own subscription is found by that first', () => {
  const references = referencesOfFact(fact({ subscriptionRef: 'acme/sub-1', chargeRef: 'ch_1' })).sort();
  assert.equal(references, ['a:acme/sub-1', 'b:stripe:acme/sub-1', 'e:stripe:ch_1', 'f:stripe:re_1']);
});

test('a customer is a last resort: only for a fact that names nothing but itself', () => {
  assert.equal(referencesOfFact(fact({ customerRef: 'cus_1' })), ['f:stripe:re_1', 'g:stripe:cus_1']);
  assert.not(referencesOfFact(fact({ customerRef: 'cus_1', chargeRef: 'ch_1' })).includes('g:stripe:cus_1'));
});

test('a new subscription is known by its own name, its provider references and its customers', () => {
  const references = referencesOfCreation({
    tenant: 'acme',
    subscriptionId: 'sub-1',
    profile: 'direct-mosa-2020@1',
    planId: 'p',
    seats: 1,
    term: 'P1M',
    zone: 'UTC',
    channel: 'direct',
    recurringBilling: true,
    trial: false,
    providerRefs: { stripe: { subscription: 'sub_999', customer: 'cus_1' } },
  });
  assert.equal(references, ['a:acme/sub-1', 'b:stripe:sub_999', 'g:stripe:cus_1']);
});

test('a fact that was taken in teaches its objects, but never a customer', () => {
  const learnt = referencesLearntFrom(
    fact({ invoiceRef: 'in_1', customerRef: 'cus_1', subscriptionRef: 'acme/sub-1' }),
  );
  assert.equal(learnt.sort(), ['c:stripe:in_1', 'f:stripe:re_1']);
});

test.run();
