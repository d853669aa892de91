import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createHmac } from 'node:crypto';
import { verifyStripeSignature, type SignatureVerdict } from './signature.ts';

const test = suite('Stripe signatures');
const hmacSha256Hex = (secret: string, bytes: Uint8Array): string =>
  createHmac('sha256', secret).update(bytes).digest('hex');
const rawBody = new TextEncoder().encode('{"id":"evt_1", "note":"€"}');
const signed = (secret: string, seconds: number): string =>
  createHmac('sha256', secret).update(`${seconds}.`).update(rawBody).digest('hex');
const verify = (header: string, nowSeconds = 1000, secrets: readonly string[] = ['whsec_a']): SignatureVerdict =>
  verifyStripeSignature({ rawBody, header, secrets, nowSeconds }, { hmacSha256Hex });

test('a signature over the raw bytes is valid, also among others and with an older secret', () => {
  const good = signed('whsec_a', 1000);
  assert.is(verify(`t=1000,v1=${good}`), 'valid');
  assert.is(verify(`t=1000, v1=${'0'.repeat(64)}, v1=${good}, v0=abc`), 'valid');
  assert.is(verify(`t=1000,v1=${good}`, 1000, ['whsec_new', 'whsec_a']), 'valid');
});

test('another secret, another instant or a changed body does not fit', () => {
  assert.is(verify(`t=1000,v1=${signed('whsec_b', 1000)}`), 'SIGNATURE_MISMATCH');
  assert.is(verify(`t=1001,v1=${signed('whsec_a', 1000)}`), 'SIGNATURE_MISMATCH');
  assert.is(verify(`t=1000,v0=${signed('whsec_a', 1000)}`), 'MALFORMED_SIGNATURE', 'only v1 counts');
  const header = `t=1000,v1=${signed('whsec_a', 1000)}`;
  const changed = { rawBody: rawBody.slice(1), header, secrets: ['whsec_a'], nowSeconds: 1000 };
  assert.is(verifyStripeSignature(changed, { hmacSha256Hex }), 'SIGNATURE_MISMATCH');
});

test('a genuine event may be five minutes old, not a second more', () => {
  const header = `t=1000,v1=${signed('whsec_a', 1000)}`;
  assert.is(verify(header, 1300), 'valid');
  assert.is(verify(header, 1301), 'SIGNATURE_EXPIRED');
});

test('a header without time or signature is malformed', () => {
  for (const header of ['', 't=1000', 'v1=abc', 't=soon,v1=abc', 'hello'])
    assert.is(verify(header), 'MALFORMED_SIGNATURE');
});

test.run();
