/**
 * The whole flow through the outside doors only: payments over NATS and HTTP in, answers over HTTP and the `views`
 * bucket out, the clock moved through expiry, grace and reactivation.
 */
import { connect, headers, type NatsConnection } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { payment } from './payments.ts';
import { readEngineUrl, startPerennial, until, type Json, type Perennial } from './perennial.ts';

const test = suite('lifecycle through the whole pipeline');
let perennial: Perennial;
let nats: NatsConnection;

test.before(async () => {
  perennial = await startPerennial({
    env: { PERENNIAL_CLOCK: '2027-01-01T00:00:00Z', STRIPE_WEBHOOK_SECRET: 'whsec_test' },
  });
  nats = await connect({ servers: readEngineUrl(perennial.dataDirectory, 'nats') });
});

test.after(async () => {
  await nats?.close();
  await perennial?.close();
});

async function command(id: string, name: string, body: Json = {}, key?: string): Promise<Json> {
  const answer = await perennial.post(`/tenants/acme/subscriptions/${id}/commands/${name}`, body, {
    ...(key && { 'idempotency-key': key }),
  });
  assert.is(answer.status, 200, `${name} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function create(id: string, extra: Json = {}): Promise<Json> {
  const answer = await perennial.post('/tenants/acme/subscriptions', {
    subscriptionId: id,
    planId: 'O365_BUSINESS_PREMIUM',
    seats: 3,
    term: 'P1M',
    ...extra,
  });
  assert.is(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

async function publish(event: Json): Promise<void> {
  const h = headers();
  h.set('Nats-Msg-Id', event.id);
  await nats.jetstream().publish('billing.payments.v1.bank', JSON.stringify(event), { headers: h });
}

async function advanceTo(instant: string): Promise<Json> {
  const answer = await perennial.post('/clock', { advanceTo: instant });
  assert.is(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

async function show(id: string): Promise<Json> {
  return (await perennial.get(`/tenants/acme/subscriptions/${id}`)).body;
}

test('a payment over NATS renews the term, and My account shows the apps of the licensed user', async () => {
  await create('renewed');
  await command('renewed', 'activate');
  const assigned = await command('renewed', 'assign-license', { userId: 'alice@acme.example' });
  const apps = await perennial.get(`/tenants/acme/users/alice@acme.example/apps?minPosition=${assigned.position}`);
  assert.is(apps.status, 200);
  assert.ok(apps.body.apps.length > 0);
  assert.ok(apps.body.apps.every((app: Json) => app.access === 'full'));
  // The first payment covers the running term, the second one renews it.
  await publish(payment({ object: 'in_first', ref: 'acme/renewed', occurredAt: '2027-01-01T00:00:00.000Z' }));
  await publish(payment({ object: 'in_second', ref: 'acme/renewed', occurredAt: '2027-01-01T00:00:01.000Z' }));
  const renewed = await until('the renewal', async () => {
    const body = await show('renewed');
    return body.termEnd === '2027-03-01T00:00:00.000Z' && body;
  });
  assert.is(renewed.status, 'active');
});

test('a payment delivered three times, and under another event id, is applied once', async () => {
  const again = payment({ object: 'in_second', ref: 'acme/renewed', occurredAt: '2027-01-01T00:00:01.000Z' });
  const before = await show('renewed');
  for (const id of ['copy-1', 'copy-2'])
    await publish({ ...again, id: `bank:${id}`, data: { ...again.data, providerEventId: id } });
  const answer = await perennial.post('/payments', again, { 'content-type': 'application/cloudevents+json' });
  assert.is(answer.status, 202);
  await advanceTo('2027-01-01T00:10:00.000Z');
  const after = await show('renewed');
  assert.is(after.termEnd, before.termEnd);
});

test('a payment for a subscription nobody knows waits in the inbox and is matched once it exists', async () => {
  await publish(payment({ object: 'in_unknown', ref: 'sub_999', occurredAt: '2027-01-01T00:00:00.000Z' }));
  await until('the parked payment', async () => {
    const { body } = await perennial.get('/payments/inbox?status=parked');
    return body.payments.some((row: Json) => row.subscriptionRef === 'sub_999');
  });
  await create('late', { providerRefs: { bank: { subscription: 'sub_999' } } });
  await command('late', 'activate');
  const matched = await until('the match', async () => {
    const { body } = await perennial.get('/payments/inbox?status=matched');
    return body.payments.find((row: Json) => row.subscriptionRef === 'sub_999');
  });
  assert.is(matched.matchedTo, 'acme/late');
  const history = await until('the fact in the ledger', async () => {
    const { body } = await perennial.get('/tenants/acme/subscriptions/late/history');
    return JSON.stringify(body).includes('in_unknown') && body.events;
  });
  assert.is(history.filter((event: Json) => JSON.stringify(event.data).includes('in_unknown')).length, 1);
});

test('an unreadable message is parked with its bytes and can be shown', async () => {
  await nats.jetstream().publish('billing.payments.v1.bank', 'this is {not json');
  await until('the parked message', async () => {
    const { body } = await perennial.get('/admin/parked');
    return body.parked?.length > 0;
  });
});

test('without a payment the subscription expires on its last instant, is disabled after grace and deleted after retention', async () => {
  await create('ending', { recurringBilling: false });
  await command('ending', 'activate');
  await command('ending', 'assign-license', { userId: 'bob@acme.example' });
  const started = await show('ending');
  const termEnd: string = started.termEnd;
  await advanceTo(termEnd);
  assert.is((await show('ending')).status, 'expired');
  const inGrace = await perennial.get('/tenants/acme/users/bob@acme.example/apps');
  assert.ok(inGrace.body.apps.every((app: Json) => app.access === 'full'));
  const { body: expired } = await perennial.get('/tenants/acme/subscriptions/ending');
  await advanceTo(expired.deadline.at);
  const disabled = await show('ending');
  assert.is(disabled.status, 'disabled');
  const cutOff = await perennial.get('/tenants/acme/users/bob@acme.example/apps');
  assert.ok(cutOff.body.apps.every((app: Json) => app.access !== 'full'));
  const refused = await perennial.post('/tenants/acme/subscriptions/ending/commands/assign-license', {
    userId: 'carol@acme.example',
  });
  assert.is(refused.status, 409);
  assert.ok(refused.body.reasonCodes.includes('LICENSE_ASSIGNMENT_FROZEN'));
});

test('a disabled subscription is reactivated in two phases: provisional at once, final with the payment', async () => {
  const paymentMethod = { kind: 'card', token: 'tok_visa', country: 'NL' };
  const reactivated = await command('ending', 'reactivate', { paymentMethod }, 'reactivate-1');
  assert.is(reactivated.status, 'reactivated');
  const repeated = await command('ending', 'reactivate', { paymentMethod }, 'reactivate-1');
  assert.equal(repeated.events, reactivated.events);
  const { now } = (await perennial.post('/clock', { advanceBy: 'PT1H' })).body;
  await publish(payment({ object: 'in_back', ref: 'acme/ending', occurredAt: now }));
  await until('the confirmation', async () => (await show('ending')).status === 'active');
});

test('a late sweep writes each transition at its due instant', async () => {
  await create('slept', { recurringBilling: false });
  await command('slept', 'activate');
  await advanceTo('2028-01-01T00:00:00.000Z');
  const { body } = await perennial.get('/tenants/acme/subscriptions/slept/history');
  const ended = body.events.filter((event: Json) => /Expired|Disabled|Deleted/.test(event.type));
  assert.equal(
    ended.map((event: Json) => event.type),
    ['SubscriptionExpired', 'SubscriptionDisabled', 'SubscriptionDeleted'],
  );
  assert.ok(ended.every((event: Json) => event.effectiveAt < event.recordedAt));
});

test('a subscription can be asked for as of a past instant, and as it was known then', async () => {
  const path = '/tenants/acme/subscriptions/slept';
  const { body: now } = await perennial.get(path);
  assert.is(now.status, 'deleted');
  const { body: events } = await perennial.get(`${path}/history`);
  const { effectiveAt: expiredAt } = events.events.find((event: Json) => event.type === 'SubscriptionExpired');
  const dayAfter = new Date(Date.parse(expiredAt) + 86_400_000).toISOString();
  assert.is((await perennial.get(`${path}?at=${dayAfter}`)).body.status, 'expired');
  const created = events.events[0].recordedAt;
  assert.is((await perennial.get(`${path}?at=${created}&knownAt=${created}`)).body.status, 'active');
  assert.is((await perennial.get(`${path}?at=2020-01-01T00:00:00Z`)).status, 404);
});

test.run();
