import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fakeServices } from '../testing/fake-services.ts';
import { harness } from '../testing/harness.ts';

const test = suite('tenants, clock and payments over HTTP');

const settled = {
  specversion: '1.0',
  id: 'evt_1',
  source: 'https://billing.example',
  type: 'payment.settled',
  surprise: 'kept',
  data: {
    provider: 'demo',
    providerEventId: 'evt_1',
    providerObjectId: 'in_1',
    amount: { minor: 100, currency: 'EUR' },
    occurredAt: '2027-06-01T00:00:00Z',
    unknown: { kept: true },
  },
};

test('tenant facts are recorded with who said so', async () => {
  const { call, services } = harness();
  const answer = await call('PUT', '/v1/tenants/acme', {
    json: { country: 'NL', creditCheck: 'pending' },
    headers: { 'Perennial-Actor': 'user:alice', 'Idempotency-Key': 'k-1', 'Perennial-Correlation-Id': 'c-1' },
  });
  assert.is(answer.status, 200);
  assert.equal(services.described, [
    {
      tenant: 'acme',
      facts: { country: 'NL', creditCheck: 'pending' },
      by: {
        actor: { type: 'user', id: 'p-alice', roles: ['global-admin'] },
        commandId: 'k-1',
        correlationId: 'c-1',
      },
    },
  ]);
});

test('user facts are recorded under a person id', async () => {
  const { call, services } = harness();
  assert.is((await call('PUT', '/v1/tenants/acme/users/bob', { json: { usageLocation: 'NL' } })).status, 200);
  assert.equal(services.described[0]?.facts, { personId: 'p-bob', usageLocation: 'NL' });
});

test('facts that nobody could use are invalid input', async () => {
  const { call, services } = harness();
  for (const json of [{ country: 'nl' }, { zone: 'Nowhere' }, { creditCheck: 'maybe' }, { domainAttached: 'yes' }]) {
    assert.is((await call('PUT', '/v1/tenants/acme', { json })).status, 400, JSON.stringify(json));
  }
  assert.is((await call('PUT', '/v1/tenants/acme/users/bob', { json: { usageLocation: 'Netherlands' } })).status, 400);
  assert.is(services.described.length, 0);
});

test('facts need a role of those who may say them', async () => {
  const { call } = harness();
  const headers = { 'Perennial-Roles': 'license-admin' };
  const refused = await call('PUT', '/v1/tenants/acme', { json: { country: 'NL' }, headers });
  assert.is(refused.status, 403);
  assert.equal(refused.body['reasonCodes'], ['ROLE_MISSING']);
  assert.is((await call('PUT', '/v1/tenants/acme/users/bob', { json: {}, headers })).status, 200);
});

test('the clock moves to an instant or by a duration of the calendar', async () => {
  const { call, services } = harness();
  const to = await call('POST', '/v1/clock', { json: { advanceTo: '2027-07-01T02:00:00+02:00' } });
  assert.equal(to.body, { now: '2027-07-01T00:00:00.000Z', position: '9' });
  await call('POST', '/v1/clock', { json: { advanceBy: 'P1M' } });
  await call('POST', '/v1/clock', { json: { advanceTo: '2027-06-01T00:00:00Z' } });
  assert.equal(services.advanced, ['2027-07-01T00:00:00.000Z', '2027-07-01T00:00:00.000Z', '2027-06-01T00:00:00.000Z']);
});

test('a clock that would go back, cannot be moved, or is told nonsense, stays', async () => {
  const { call, services } = harness();
  const back = await call('POST', '/v1/clock', { json: { advanceTo: '2027-05-31T23:59:59.999Z' } });
  assert.is(back.status, 409);
  assert.is(back.body['code'], 'CLOCK_BACKWARDS');
  for (const json of [
    {},
    { advanceBy: '30 days' },
    { advanceBy: '-P1D' },
    { advanceBy: 'P' },
    { advanceBy: 'P9999Y' },
  ]) {
    assert.is((await call('POST', '/v1/clock', { json })).status, 400, JSON.stringify(json));
  }
  assert.is(
    (await call('POST', '/v1/clock', { json: { advanceBy: 'P1D', advanceTo: '2028-01-01T00:00:00Z' } })).status,
    400,
  );
  assert.is(services.advanced.length, 0);
  const system = harness({ clock: { ...fakeServices().clock, virtual: false } });
  const answer = await system.call('POST', '/v1/clock', { json: { advanceBy: 'P1D' } });
  assert.is(answer.status, 409);
  assert.is(answer.body['code'], 'CLOCK_NOT_VIRTUAL');
});

test('one payment or a batch is stored as it came, in order, and answered with 202', async () => {
  const { call, services } = harness();
  const one = await call('POST', '/v1/payments', { json: settled });
  assert.is(one.status, 202);
  assert.equal(one.body, { accepted: [{ id: 'evt_1', source: settled.source, duplicate: false }] });
  assert.equal(services.published[0], settled);
  const batch = await call('POST', '/v1/payments', {
    json: [settled, { ...settled, id: 'evt_2' }],
    headers: { 'content-type': 'application/cloudevents-batch+json' },
  });
  assert.is(batch.status, 202);
  assert.equal(
    services.published.map(({ id }) => id),
    ['evt_1', 'evt_1', 'evt_2'],
  );
});

test('a payment of a type we do not know is stored all the same', async () => {
  const { call, services } = harness();
  const json = { ...settled, type: 'payment.weighed', data: { provider: 'demo' } };
  assert.is((await call('POST', '/v1/payments', { json })).status, 202);
  assert.is((await call('POST', '/v1/payments', { json: { ...json, data: undefined } })).status, 202);
  assert.is(services.published.length, 2);
});

test('an event comes in binary mode, as base64 and with nulls as well as over NATS', async () => {
  const { call, services } = harness();
  const headers = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': 'evt%201',
    'ce-source': settled.source,
    'ce-type': settled.type,
  };
  const binary = await call('POST', '/v1/payments', { json: settled.data, headers });
  assert.is(binary.status, 202, binary.text);
  const { id, source, type, data } = services.published[0] ?? {};
  assert.equal([id, source, type, data], ['evt 1', settled.source, settled.type, settled.data]);
  const encoded = { ...settled, data: undefined, data_base64: btoa(JSON.stringify(settled.data)) };
  assert.is((await call('POST', '/v1/payments', { json: encoded })).status, 202);
  const withNull = { ...settled, data: { ...settled.data, invoiceRef: null } };
  assert.is((await call('POST', '/v1/payments', { json: withNull })).status, 202);
});

test('a payment without what it needs is refused with the field, and nothing of its batch is stored', async () => {
  const { call, services } = harness();
  const withoutAmount = { ...settled.data, amount: undefined };
  const cases: readonly (readonly [object, string])[] = [
    [{ ...settled, data: withoutAmount }, 'data.amount'],
    [{ ...settled, specversion: '0.3' }, 'specversion'],
    [{ ...settled, id: '' }, 'id'],
    [{ ...settled, data: { ...settled.data, provider: 'No Provider' } }, 'data.provider'],
  ];
  for (const [json, path] of cases) {
    const answer = await call('POST', '/v1/payments', { json: [settled, json] });
    assert.is(answer.status, 400, path);
    const issues = answer.body['issues'] as { path: string }[];
    assert.ok(
      issues.some((issue) => issue.path === `1.${path}`),
      `${path}: ${answer.text}`,
    );
    const alone = await call('POST', '/v1/payments', { json });
    assert.ok(
      (alone.body['issues'] as { path: string }[]).some((issue) => issue.path === path),
      `${path}: ${alone.text}`,
    );
  }
  assert.is((await call('POST', '/v1/payments', { json: [] })).status, 400);
  assert.is((await call('POST', '/v1/payments', { json: Array.from({ length: 1001 }, () => settled) })).status, 400);
  assert.is(services.published.length, 0);
});

test('a user is forgotten by administrators of users and by Support only, and once', async () => {
  const { call, services } = harness();
  await call('PUT', '/v1/tenants/acme/users/bob', { json: {} });
  const path = '/v1/tenants/acme/users/bob/personal-data';
  const as = (roles: string) => ({ headers: { 'Perennial-Actor': 'user:carol', 'Perennial-Roles': roles } });
  assert.is((await call('DELETE', path, as('license-admin'))).status, 403);
  assert.equal((await call('DELETE', path, as('user-admin'))).body, { erased: true, position: '9' });
  assert.equal((await call('DELETE', path, as('support'))).body, { erased: false, position: null });
  assert.is(services.described.at(-1)?.by.actor.id, 'p-carol');
  const get = await call('GET', path);
  assert.equal([get.status, get.headers.get('allow')], [405, 'DELETE']);
});

test.run();
