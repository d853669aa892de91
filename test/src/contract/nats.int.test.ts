/**
 * The contract over NATS: what a billing system may publish, and what everybody else may read.
 */
import { connect, headers, type JetStreamManager, type NatsConnection, type StoredMsg } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readEngineUrl, startPerennial, type Json, type Perennial } from '../pipeline/perennial.ts';
import { payment, type PaymentOptions } from '../pipeline/payments.ts';
import { assertFields } from './fields.ts';

const test = suite('contract: NATS');
let perennial: Perennial;
let nats: NatsConnection;
let manager: JetStreamManager;

const now = '2027-01-31T10:00:00.000Z';
const structured = { 'Content-Type': 'application/cloudevents+json' };

test.before(async () => {
  perennial = await startPerennial({ env: { PERENNIAL_CLOCK: now } });
  nats = await connect({ servers: readEngineUrl(perennial.dataDirectory, 'nats') });
  manager = await nats.jetstreamManager();
});

test.after(async () => {
  await nats?.close();
  await perennial?.close();
});

async function active(id: string): Promise<void> {
  const purchase = { subscriptionId: id, planId: 'SPE_E3', seats: 2, term: 'P1Y' };
  assert.is((await perennial.post('/tenants/acme/subscriptions', purchase)).status, 200);
  assert.is((await perennial.post(`/tenants/acme/subscriptions/${id}/commands/activate`)).status, 200);
}

async function publish(body: string | Uint8Array, of: Readonly<Record<string, string>> = {}): Promise<void> {
  const all = headers();
  for (const [name, value] of Object.entries(of)) all.set(name, value);
  await nats.jetstream().publish('billing.payments.v1.bank', body, { headers: all });
}

/** Every payment accepted so far is applied or parked, and the read models have caught up. */
async function settled(): Promise<void> {
  assert.is((await perennial.post('/clock', { advanceBy: 'PT1S' })).status, 200);
}

async function factsOf(id: string): Promise<Json[]> {
  const { body } = await perennial.get(`/tenants/acme/subscriptions/${id}/history`);
  return body.events.flatMap((event: Json) => (event.data.fact === undefined ? [] : [event.data.fact]));
}

async function messages(stream: string): Promise<StoredMsg[]> {
  const { state } = await manager.streams.info(stream);
  const all: StoredMsg[] = [];
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
    all.push(await manager.streams.getMessage(stream, { seq }));
  }
  return all;
}

const json = (bytes: Uint8Array): Json => JSON.parse(new TextDecoder().decode(bytes));
const settledBy = (object: string, ref: string, extra: Partial<PaymentOptions> = {}): Json =>
  payment({ object, ref, occurredAt: now, ...extra });

test('structured, bare, binary and batched CloudEvents are one and the same', async () => {
  await active('modes');
  const binary = settledBy('in_3', 'acme/modes');
  await publish(JSON.stringify(settledBy('in_1', 'acme/modes')), structured);
  await publish(JSON.stringify(settledBy('in_2', 'acme/modes')));
  await publish(JSON.stringify(binary.data), {
    'ce-specversion': '1.0',
    'ce-id': binary.id,
    'ce-source': binary.source,
    'ce-type': binary.type,
    'Content-Type': 'application/json',
  });
  const batch = [settledBy('in_4', 'acme/modes'), settledBy('in_5', 'acme/modes')];
  await publish(JSON.stringify(batch), { 'Content-Type': 'application/cloudevents-batch+json' });
  const overHttp = settledBy('in_6', 'acme/modes');
  assert.is((await perennial.post('/payments', overHttp)).status, 202);
  await settled();
  const objects = new Set((await factsOf('modes')).map((fact) => fact.providerObjectId));
  assert.equal([...objects].sort(), ['in_1', 'in_2', 'in_3', 'in_4', 'in_5', 'in_6']);
  const { body } = await perennial.get('/tenants/acme/subscriptions/modes');
  assert.is(body.termEnd, '2033-01-31T10:00:00.000Z', 'the first pays the running term, the others one each');
});

test('the same payment over NATS and HTTP, and its sibling of another type, count once', async () => {
  await active('once');
  const event = settledBy('in_once', 'acme/once');
  await publish(JSON.stringify(event), { 'Nats-Msg-Id': 'a' });
  await publish(JSON.stringify(event), { 'Nats-Msg-Id': 'b' });
  assert.is((await perennial.post('/payments', event)).status, 202);
  await publish(JSON.stringify(settledBy('in_once', 'acme/once', { eventId: 'evt_sibling' })));
  await settled();
  assert.is((await factsOf('once')).length, 1);
  const { body } = await perennial.get('/payments/inbox?status=duplicate');
  const reasons = body.payments
    .filter((row: Json) => row.subscriptionRef === 'acme/once')
    .map((row: Json) => row.reason);
  assert.equal(reasons.sort(), ['DUPLICATE_EFFECT', 'DUPLICATE_TRANSPORT']);
});

test('events of the same id from other sources are other payments', async () => {
  await active('sources');
  for (const source of ['/a', '/b']) {
    const event = { ...settledBy(`in${source.slice(1)}`, 'acme/sources'), id: '1', source };
    assert.is((await perennial.post('/payments', event)).status, 202);
  }
  await settled();
  assert.is((await factsOf('sources')).length, 2);
});

test('unknown fields are kept, and a card number in them is masked', async () => {
  await active('extra');
  const event = settledBy('in_extra', 'acme/extra');
  event.data.weather = { in: ['Delft', 'card 4111 1111 1111 1111'] };
  await publish(JSON.stringify(event), structured);
  await settled();
  const [fact] = await factsOf('extra');
  assert.match(JSON.stringify(fact), /Delft/);
  assert.not.match(JSON.stringify(fact), /4111/);
  for (const { data } of await messages('EVENTS')) assert.not.match(new TextDecoder().decode(data), /4111 1111/);
});

test('what cannot be read is parked with its bytes, headers, error and attempts', async () => {
  const before = (await messages('PARKED')).length;
  await publish('{"specversion":"1.0",', { ...structured, 'Nats-Msg-Id': 'broken' });
  await publish(Uint8Array.of(0xff, 0xfe));
  const wrong = settledBy('in_wrong', 'acme/none');
  wrong.data.amount.minor = 'ten';
  await publish(JSON.stringify(wrong), structured);
  await settled();
  const parked = (await messages('PARKED')).slice(before);
  assert.is(parked.length, 3);
  const [broken, notText] = parked;
  assert.is(broken?.subject, 'subscriptions.parked.v1.intake');
  assert.is(new TextDecoder().decode(broken?.data), '{"specversion":"1.0",');
  assert.equal([...(notText?.data ?? [])], [0xff, 0xfe]);
  const told = [...(broken?.header ?? [])].flat(2).join(' ');
  for (const part of ['broken', 'NOT_JSON', 'Attempts']) assert.ok(told.includes(part), `${part} in ${told}`);
});

test('a payment for nobody we know waits in the inbox', async () => {
  await publish(JSON.stringify(settledBy('in_lost', 'sub_999')), structured);
  await settled();
  const { body } = await perennial.get('/payments/inbox?status=parked');
  const row = body.payments.find((found: Json) => found.subscriptionRef === 'sub_999');
  assertFields(row, 'providerEventId status reason receivedAt subscriptionRef', 'inbox');
});

test('every domain event is a CloudEvent in EVENTS, on the partition of its subscription', async () => {
  const all = await messages('EVENTS');
  assert.ok(all.length > 0);
  for (const { subject, header, data } of all) {
    const event = json(data);
    const [, , , partition, type, more] = subject.split('.');
    assert.equal([type, more], [event.type, undefined]);
    assertFields(event, 'id source type time recordedtime subject partitionkey sequence correlationid', event.type);
    assert.ok('causationid' in event);
    assert.match(event.sequence, /^\d{20}$/);
    for (const name of ['Esdb-Stream', 'Esdb-Revision', 'Esdb-Position']) assert.ok(header.get(name), name);
    assert.is(BigInt(event.sequence), BigInt(header.get('Esdb-Revision')));
    assert.is(header.get('Nats-Msg-Id'), event.id);
    const stream = header.get('Esdb-Stream');
    const key = /^(subscription|seat|notices)-/.test(stream) ? event.subject : stream;
    assert.is(Number(partition), fnv1a(key) % 16, `${subject} for ${key}`);
  }
  const created = json(all.find(({ subject }) => subject.endsWith('.SubscriptionCreated'))?.data ?? new Uint8Array());
  assert.match(created.subject, /^acme\//);
});

test('views hold each row under its key, with what it was before', async () => {
  await active('view.1');
  const seat = '/tenants/acme/subscriptions/view.1/commands';
  await perennial.post(`${seat}/assign-license`, { userId: 'zoë@acme.example' });
  await settled();
  const views = await nats.jetstream().views.kv('views');
  const user = 'zo=C3=AB=40acme=2Eexample';
  const keys = [
    'subscriptions.acme.view=2E1',
    'licenses.acme.SPE_E3',
    `user-licenses.acme.${user}`,
    `available-apps.acme.${user}`,
  ];
  for (const key of keys) {
    const row = (await views.get(key))?.json<Json>();
    assert.ok(row, `${key} is in views`);
    assertFields(row, 'model key current previous position', key);
    assert.is(row.model, key.split('.')[0]);
  }
  await perennial.post(`${seat}/unassign-license`, { userId: 'zoë@acme.example' });
  await settled();
  const gone = (await views.get(`user-licenses.acme.${user}`))?.json<Json>();
  assert.equal([gone.deleted, gone.current], [true, null]);
  assert.is(gone.previous.licenses[0].subscriptionId, 'view.1');
});

/** FNV-1a, 32 bits, written down again so that the product's own cannot prove itself. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

test.run();
