import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkStripeSignature, signAsStripe, type StripeSignatureCheck } from './stripe-signature.ts';

const test = suite('Stripe signatures');

const secret = 'whsec_test_secret';
const body = new TextEncoder().encode('{"id":"evt_1","object":"event"}');
const sentAt = 1_811_894_400;
// Computed once with openssl: printf '%s' "$t.$body" | openssl dgst -sha256 -hmac "$secret"
const vector = '84a35942ecb58e6fb723aa85a6d96e620be476de14227d81f79264d38a20f15e';

function check(overrides: Partial<StripeSignatureCheck>): string {
  return checkStripeSignature({
    header: `t=${sentAt},v1=${vector}`,
    body,
    secrets: [secret],
    nowMs: sentAt * 1000,
    toleranceSeconds: 300,
    ...overrides,
  });
}

test('a signature made by another tool is valid', () => {
  assert.is(check({}), 'valid');
});

test('our own signer makes the same', () => {
  assert.is(signAsStripe(body, secret, sentAt), `t=${sentAt},v1=${vector}`);
});

test('one other byte, another secret or another time is wrong', () => {
  assert.is(check({ body: new TextEncoder().encode('{"id":"evt_1", "object":"event"}') }), 'wrong');
  assert.is(check({ secrets: ['whsec_other'] }), 'wrong');
  assert.is(check({ secrets: [] }), 'wrong');
  assert.is(check({ header: `t=${sentAt + 1},v1=${vector}` }), 'wrong');
  assert.is(check({ header: `t=${sentAt},v1=${vector.replace(/^./, '0')}` }), 'wrong');
});

test('any of several signatures and secrets may fit, while a secret is rotated', () => {
  const other = createHmac('sha256', 'whsec_old').update('x').digest('hex');
  assert.is(check({ header: `t=${sentAt},v1=${other},v1=${vector},v0=${other}` }), 'valid');
  assert.is(check({ secrets: ['whsec_new', secret] }), 'valid');
});

test('a test-mode signature v0 counts for nothing', () => {
  assert.is(check({ header: `t=${sentAt},v0=${vector}` }), 'malformed');
});

test('300 seconds either way are tolerated, one more is stale', () => {
  assert.is(check({ nowMs: (sentAt + 300) * 1000 }), 'valid');
  assert.is(check({ nowMs: (sentAt + 301) * 1000 }), 'stale');
  assert.is(check({ nowMs: (sentAt - 300) * 1000 }), 'valid');
  assert.is(check({ nowMs: (sentAt - 301) * 1000 }), 'stale');
});

test('a header that is not one is missing or malformed', () => {
  assert.is(check({ header: undefined }), 'missing');
  assert.is(check({ header: '' }), 'missing');
  for (const header of ['nonsense', `v1=${vector}`, 't=,v1=', `t=soon,v1=${vector}`, `t=${sentAt},v1=abc`, '===,,,']) {
    assert.is(check({ header }), 'malformed', header);
  }
});

test('blanks after the commas are fine', () => {
  assert.is(check({ header: `t=${sentAt}, v1=${vector}` }), 'valid');
});

test.run();
