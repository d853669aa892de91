/**
 * The two real orders of one checkout (`domain.md 5.2`, scenario 10) and shuffles of it, as signed webhooks through the whole
 * pipeline: every subscription ends with the same state, licences and apps.
 */
import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startPerennial, until, type Json, type Perennial } from '../pipeline/perennial.ts';
import { badOrder, checkout, goodOrder, shuffledDeliveries, type StripeEvent } from './checkout-events.ts';

const test = suite('one checkout in any order of its webhooks');
const secret = 'whsec_out_of_order';
const paidAt = '2027-06-01T10:00:00.000Z';
let perennial: Perennial;

test.before(async () => {
  perennial = await startPerennial({ env: { PERENNIAL_CLOCK: paidAt, STRIPE_WEBHOOK_SECRET: secret } });
});

test.after(() => perennial?.close());

async function deliver(event: StripeEvent): Promise<void> {
  const body = JSON.stringify(event);
  // Stripe signs with the real time, whatever the virtual clock says.
  const seconds = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  const answer = await perennial.post('/webhooks/stripe', body, { 'stripe-signature': `t=${seconds},v1=${signature}` });
  assert.is(answer.status, 200, JSON.stringify(answer.body));
}

async function accepted(path: string, body: Json): Promise<void> {
  const answer = await perennial.post(path, body);
  assert.is(answer.status, 200, `${path}: ${JSON.stringify(answer.body)}`);
}

/** A tenant of its own for each order, so that licences and apps can be compared. */
async function buy(id: string): Promise<void> {
  const path = `/tenants/tenant-${id}/subscriptions`;
  await accepted(path, {
    subscriptionId: 's1',
    planId: 'O365_BUSINESS_PREMIUM',
    seats: 3,
    term: 'P1M',
    price: { minor: 1000, currency: 'EUR' },
    providerRefs: { stripe: { subscription: `sub_${id}` } },
  });
  await accepted(`${path}/s1/commands/activate`, {});
  await accepted(`${path}/s1/commands/assign-license`, { userId: 'alice' });
}

/** All that anyone can read, but for names and for where in the log it stands. */
async function readModels(id: string): Promise<unknown> {
  const tenant = `/tenants/tenant-${id}`;
  const bodies = await Promise.all(
    [`${tenant}/subscriptions/s1`, `${tenant}/licenses`, `${tenant}/users/alice/apps`].map(
      async (path) => (await perennial.get(path)).body,
    ),
  );
  const history = (await perennial.get(`${tenant}/subscriptions/s1/history`)).body.events;
  const effects = history.map(({ type, data }: Json) => `${type} ${data.effect ?? ''}`.trim());
  return comparable({ bodies, effects }, id);
}

function comparable(value: Json, id: string): Json {
  const text = JSON.stringify(value, (key, inner: unknown) => (key === 'asOfPosition' ? undefined : inner));
  return JSON.parse(text.replaceAll(`tenant-${id}`, 'tenant').replaceAll(`_${id}`, ''));
}

async function isPaid(id: string): Promise<boolean> {
  const { body } = await perennial.get(`/tenants/tenant-${id}/subscriptions/s1/history`);
  return body.events.some((event: Json) => event.data.effect === 'activation');
}

test('good order, bad order and shuffles with repetitions end in the same read models', async () => {
  const orders: Readonly<Record<string, StripeEvent[]>> = {
    good: checkout('good', paidAt, goodOrder),
    bad: checkout('bad', paidAt, badOrder),
    ...Object.fromEntries(
      [1, 2, 3, 4].map((seed) => [`mix${seed}`, shuffledDeliveries(checkout(`mix${seed}`, paidAt, goodOrder), seed)]),
    ),
  };
  const ids = Object.keys(orders);
  for (const id of ids) await buy(id);
  assert.is((await perennial.post('/clock', { advanceBy: 'PT5M' })).status, 200);
  for (const id of ids) {
    for (const event of orders[id] ?? []) await deliver(event);
  }
  for (const id of ids) await until(`the payment of ${id}`, () => isPaid(id));
  // The barrier: what was sent before is handled and shown when the clock has moved.
  assert.is((await perennial.post('/clock', { advanceBy: 'PT5M' })).status, 200);
  const expected = await readModels('good');
  assert.match(JSON.stringify(expected), /"status":"active"/);
  for (const id of ids) assert.equal(await readModels(id), expected, id);

  const { body: inbox } = await perennial.get('/payments/inbox?status=parked');
  assert.equal(inbox.payments, []);
});

test.run();
