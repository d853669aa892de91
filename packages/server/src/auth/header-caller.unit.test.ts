import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harness } from '../http/testing/harness.ts';

const test = suite('callers in mode none');
const activate = '/v1/tenants/acme/subscriptions/office-1/commands/activate';

async function actorWith(headers: Record<string, string>): Promise<unknown> {
  const { call, services } = harness();
  await call('POST', activate, { headers });
  return services.executed[0]?.actor;
}

test('without headers the caller is a global admin', async () => {
  assert.equal(await actorWith({}), { type: 'anonymous', id: 'anonymous', roles: ['global-admin'] });
});

test('an actor without roles is a global admin; roles without an actor are nobody in particular', async () => {
  assert.equal(await actorWith({ 'Perennial-Actor': 'user:alice' }), {
    type: 'user',
    id: 'p-alice',
    roles: ['global-admin'],
  });
  assert.equal(await actorWith({ 'Perennial-Roles': 'billing-admin, license-admin' }), {
    type: 'anonymous',
    id: 'anonymous',
    roles: ['billing-admin', 'license-admin'],
  });
});

test('an empty list of roles is none', async () => {
  assert.equal(await actorWith({ 'Perennial-Actor': 'user:alice', 'Perennial-Roles': '' }), {
    type: 'user',
    id: 'p-alice',
    roles: [],
  });
});

test('types are taken from the actor; parts of systems keep their names', async () => {
  assert.equal(await actorWith({ 'Perennial-Actor': 'provider:stripe', 'Perennial-Roles': 'partner' }), {
    type: 'provider',
    id: 'stripe',
    roles: ['partner'],
  });
  assert.equal(await actorWith({ 'Perennial-Actor': 'urn:x:1', 'Perennial-Roles': 'partner' }), {
    type: 'user',
    id: 'p-urn:x:1',
    roles: ['partner'],
  });
});

test('headers that cannot be read are invalid input', async () => {
  const { call } = harness();
  const bad = [
    { 'Perennial-Actor': 'user:' },
    { 'Perennial-Actor': 'user:%zz' },
    { 'Perennial-Actor': `user:${'x'.repeat(257)}` },
    { 'Perennial-Roles': 'Global Admin' },
    { 'Perennial-Roles': Array.from({ length: 33 }, (_, index) => `r${index}`).join(',') },
  ];
  for (const headers of bad) {
    assert.is((await call('POST', activate, { headers })).status, 400, JSON.stringify(headers));
  }
});

test('a browser on another page cannot use the open door', async () => {
  const { call } = harness();
  for (const headers of [{ host: 'evil.example' }, { origin: 'https://evil.example' }, { origin: 'null' }]) {
    const answer = await call('POST', activate, { headers });
    assert.is(answer.status, 403, JSON.stringify(headers));
    assert.is(answer.body['code'], 'FORBIDDEN');
  }
  for (const host of ['localhost:8080', '127.0.0.1:1', '[::1]:80', '127.9.9.9']) {
    assert.is((await call('POST', activate, { headers: { host } })).status, 200, host);
  }
});

test.run();
