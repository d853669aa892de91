/**
 * Reactivation through the outside doors: as a new subscription where the profile says so, with what the timers have to
 * finish; and a provider's ending, which stands where it happened.
 */
import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startPerennial, until, type Json, type Perennial } from './perennial.ts';

const test = suite('reactivation and endings through the whole pipeline (domain.md 1.4, 6.1, 6.10)');
const paymentMethod = { kind: 'card', token: 'tok_1', country: 'NL', expires: '2099-12' };
const secret = 'whsec_test';
const people = 23;
let perennial: Perennial;

test.before(async () => {
  perennial = await startPerennial({
    env: { PERENNIAL_CLOCK: '2027-01-10T09:00:00Z', STRIPE_WEBHOOK_SECRET: secret },
  });
});

test.after(async () => {
  await perennial?.close();
});

async function create(id: string, body: Json): Promise<void> {
  const created = await perennial.post('/tenants/acme/subscriptions', {
    subscriptionId: id,
    planId: 'SPE_E3',
    term: 'P1M',
    ...body,
  });
  assert.is(created.status, 200, JSON.stringify(created.body));
  await command(id, 'activate');
}

async function command(id: string, name: string, body: Json = {}, key?: string): Promise<Json> {
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  const answer = await perennial.post(`/tenants/acme/subscriptions/${id}/commands/${name}`, body, headers);
  assert.is(answer.status, 200, `${name}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const show = async (id: string): Promise<Json> => (await perennial.get(`/tenants/acme/subscriptions/${id}`)).body;

test('under a customer agreement the answer is a new subscription, and every licence arrives there', async () => {
  await create('mca', { profile: 'direct-mca-2024', seats: people, recurringBilling: false });
  for (let index = 0; index < people; index += 1) {
    await command('mca', 'assign-license', { userId: `user-${index}@acme.example` });
  }
  await perennial.post('/clock', { advanceTo: '2027-02-15T00:00:00Z' });
  const { body } = await perennial.get('/tenants/acme/subscriptions/mca/actions');
  const listed = body.actions.find((action: Json) => action.command === 'reactivate');
  assert.equal(listed.effectPreview, { newState: 'active', newTermEnd: '2027-03-15T00:00:00.000Z' });

  const made = await command('mca', 'reactivate', { paymentMethod }, 'reactivate-1');
  assert.is.not(made.subscriptionId, 'mca');
  assert.is(made.status, 'active');
  const again = await command('mca', 'reactivate', { paymentMethod }, 'reactivate-1');
  assert.is(again.subscriptionId, made.subscriptionId);
  // More than a request waits for: the timers move the last ones.
  await until('all licences', async () => (await show(made.subscriptionId)).seats.assigned === people);
  const [renewed, old] = [await show(made.subscriptionId), await show('mca')];
  assert.equal([renewed.reactivatedFrom, renewed.termEnd], ['mca', '2027-03-15T00:00:00.000Z']);
  assert.equal([old.status, old.reactivatedAs, old.seats.assigned], ['expired', made.subscriptionId, 0]);
  const { body: history } = await perennial.get('/tenants/acme/subscriptions/mca/history');
  assert.is(history.events.filter(({ type }: Json) => type === 'SuccessorStarted').length, 1);

  const refused = await perennial.post('/tenants/acme/subscriptions/mca/commands/reactivate', { paymentMethod });
  assert.equal([refused.status, refused.body.reasonCodes], [409, ['REACTIVATED_AS_NEW']]);
});

test("a provider's ending that arrives days later cancels at the instant at which it ended", async () => {
  await create('stripe', { seats: 1, providerRefs: { stripe: { subscription: 'sub_ended' } } });
  await perennial.post('/clock', { advanceTo: '2027-02-20T00:00:00Z' });
  const endedAt = '2027-02-17T12:00:00.000Z';
  const event = {
    id: 'evt_ended',
    object: 'event',
    type: 'customer.subscription.deleted',
    created: Date.parse(endedAt) / 1000 + 60,
    livemode: false,
    data: {
      object: { id: 'sub_ended', object: 'subscription', status: 'canceled', ended_at: Date.parse(endedAt) / 1000 },
    },
  };
  const body = JSON.stringify(event);
  // Stripe signs with the real time, whatever the virtual clock says.
  const seconds = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  const answer = await perennial.post('/webhooks/stripe', body, { 'stripe-signature': `t=${seconds},v1=${signature}` });
  assert.is(answer.status, 200, JSON.stringify(answer.body));
  await until('the cancellation', async () => (await show('stripe')).status === 'cancelled');
  const cancelled = await show('stripe');
  assert.is(cancelled.statusSince, endedAt);
  const { body: history } = await perennial.get('/tenants/acme/subscriptions/stripe/history');
  const last = history.events.at(-1);
  assert.equal(
    [last.type, last.effectiveAt, last.data.by, last.actor.type],
    ['SubscriptionCancelled', endedAt, 'provider', 'provider'],
  );
});

test.run();
