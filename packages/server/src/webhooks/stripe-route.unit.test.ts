import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harness, type Called, type Harness } from '../http/testing/harness.ts';
import { signAsStripe } from './stripe-signature.ts';

const test = suite('the Stripe webhook');

const secret = 'whsec_test_secret';
const nowMs = 1_811_894_400_000;
// Blanks and the order of keys must survive: what is stored is what was signed.
const event = '{ "type":"invoice.paid",\n  "id":"evt_1" }';

function webhook(): Harness {
  return harness({}, { stripe: { secrets: [secret], nowMs: () => nowMs } });
}

async function send({ call }: Harness, raw: string, header = signAsStripe(raw, secret, nowMs / 1000)): Promise<Called> {
  return call('POST', '/v1/webhooks/stripe', { raw, headers: { 'Stripe-Signature': header } });
}

test('the exact bytes are stored under the event id, and answered with 200', async () => {
  const api = webhook();
  const answer = await send(api, event);
  assert.is(answer.status, 200);
  assert.equal(answer.body, { received: true, duplicate: false });
  assert.is(new TextDecoder().decode(api.services.raw[0]?.bytes), event);
  assert.is(api.services.raw[0]?.messageId, 'evt_1');
  assert.equal((await send(api, event)).body, { received: true, duplicate: true });
});

test('an event of a type nobody knows, or that is no JSON at all, is stored when Stripe signed it', async () => {
  const api = webhook();
  assert.is((await send(api, '{"id":"evt_2","type":"entitlements.new"}')).status, 200);
  assert.is((await send(api, 'not json')).status, 200);
  assert.match(api.services.raw[1]?.messageId ?? '', /^[0-9a-f]{64}$/);
});

test('without a valid signature nothing is stored', async () => {
  const api = webhook();
  const headers = ['', 'nonsense', signAsStripe(event, 'whsec_wrong', nowMs / 1000), signAsStripe(event, secret, 1)];
  for (const header of headers) {
    const answer = await send(api, event, header);
    assert.is(answer.status, 400);
    assert.is(answer.body['code'], 'SIGNATURE_INVALID');
  }
  assert.is(api.services.raw.length, 0);
});

test('without a secret nothing can be checked, so Stripe is asked to come back', async () => {
  const answer = await send(harness(), event);
  assert.is(answer.status, 503);
  assert.is(answer.body['code'], 'WEBHOOK_NOT_CONFIGURED');
});

test('a failure to store is not answered with 200', async () => {
  const api = harness(
    {
      payments: {
        publish: async () => ({ duplicate: false }),
        publishRaw: async () => {
          throw Object.assign(new Error('no answer'), { code: 'NATS_UNREACHABLE' });
        },
      },
    },
    { stripe: { secrets: [secret], nowMs: () => nowMs } },
  );
  assert.is((await send(api, event)).status, 503);
});

test('an event larger than the broker takes is 413', async () => {
  const raw = `{"id":"evt_3","x":"${'x'.repeat(1_000_000)}"}`;
  assert.is((await send(webhook(), raw)).status, 413);
});

test('it needs no token where all else does', async () => {
  const api = harness(
    {},
    { auth: { mode: 'jwt', secret: 'x'.repeat(32) }, stripe: { secrets: [secret], nowMs: () => nowMs } },
  );
  assert.is((await send(api, event)).status, 200);
  assert.is((await api.call('GET', '/v1/catalogue/plans')).status, 401);
});

test.run();
