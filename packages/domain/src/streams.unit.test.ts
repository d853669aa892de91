import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import {
  commandIdStream,
  attemptsStream,
  encodePart,
  parseStream,
  paymentStream,
  personStream,
  productKeyStream,
  seatStream,
  subscriptionStream,
  tenantStream,
  trialStream,
} from './streams.ts';

const test = suite('stream names');

/** Text that is likely to hold the characters that matter to the encoding. */
const part = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '-', '_', '.', '=', '%', '/', '5', 'F', 'é', '😀', '~', '*'), maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);

test('the usual names read as they should', () => {
  assert.is(subscriptionStream('acme', 'sub-1'), 'subscription-acme_sub-1');
  assert.is(subscriptionStream('acme.nl', 'a_b'), 'subscription-acme=2Enl_a=5Fb');
  assert.is(paymentStream('stripe', 'in_1Pé'), 'payment-stripe_in=5F1P=C3=A9');
});

test('a name says what it was made of', () => {
  fc.assert(
    fc.property(part, part, (first, second) => {
      assert.equal(parseStream(subscriptionStream(first, second)), {
        kind: 'subscription',
        tenant: first,
        subscriptionId: second,
      });
      assert.equal(parseStream(paymentStream(first, second)), { kind: 'payment', provider: first, object: second });
      assert.equal(parseStream(attemptsStream(first, second)), {
        kind: 'attempts',
        tenant: first,
        subscriptionId: second,
      });
      assert.equal(parseStream(trialStream(first, second)), { kind: 'trial', tenant: first, planId: second });
      assert.equal(parseStream(personStream(first, second)), { kind: 'person', tenant: first, personId: second });
      assert.equal(parseStream(tenantStream(first)), { kind: 'tenant', tenant: first });
      assert.equal(parseStream(productKeyStream(first)), { kind: 'productKey', keyId: first });
      const seat = { tenant: first, subscriptionId: second, personId: first };
      assert.equal(parseStream(seatStream(first, second, first)), { kind: 'seat', ...seat });
      const used = { tenant: first, subscriptionId: second, idHash: second };
      assert.equal(parseStream(commandIdStream(first, second, second)), { kind: 'commandId', ...used });
    }),
  );
});

test('two tenants never meet in one stream', () => {
  fc.assert(
    fc.property(part, part, part, part, (tenantA, idA, tenantB, idB) => {
      const same = subscriptionStream(tenantA, idA) === subscriptionStream(tenantB, idB);
      assert.is(same, tenantA === tenantB && idA === idB);
    }),
    {
      numRuns: 1000,
      examples: [
        ['a_b', 'c', 'a', 'b_c'],
        ['a=5Fb', 'c', 'a_b', 'c'],
      ],
    },
  );
});

test('only letters, digits and dashes stay as they are', () => {
  fc.assert(fc.property(part, (text) => assert.match(encodePart(text), /^(?:[A-Za-z0-9-]|=[0-9A-F]{2})*$/)));
});

test('a name that none of us wrote means nothing', () => {
  for (const name of [
    '',
    'other-a_b',
    'subscription-a',
    'subscription-a_b_c',
    'payment-a_b_c',
    'seat-a',
    'seat-a_b',
    'seat-a_b_c_d',
    'seat-a_b_=41',
    'payment-a_=zz',
    'payment-a_=41',
    'tenant-a_b',
    'tenant-=C3',
    '$all',
  ]) {
    assert.is(parseStream(name), undefined, name);
  }
  assert.equal(parseStream('clock'), { kind: 'clock' });
});

test('half a surrogate pair is refused, because it has no bytes', () => {
  assert.throws(() => subscriptionStream('acme', '\ud800'), /well-formed/);
});

test.run();
