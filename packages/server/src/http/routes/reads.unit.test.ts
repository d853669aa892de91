import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ReadModelBehindError } from '@perennial/projections';
import { fakeServices, sampleEvent, sampleSubscription } from '../testing/fake-services.ts';
import { harness } from '../testing/harness.ts';

const test = suite('reads over HTTP');
const one = '/v1/tenants/acme/subscriptions/office-1';

test('one subscription carries its fields, its position and an entity tag', async () => {
  const { call } = harness();
  const answer = await call('GET', one);
  assert.is(answer.status, 200);
  assert.equal(answer.body, { ...sampleSubscription, asOfPosition: '48123' });
  assert.is(answer.headers.get('etag'), '"4"');
});

test('an unknown subscription is 404, an unknown tenant has none', async () => {
  const { call } = harness();
  assert.is((await call('GET', '/v1/tenants/acme/subscriptions/x')).status, 404);
  assert.is((await call('GET', '/v1/tenants/acme/subscriptions/x/actions')).status, 404);
  assert.is((await call('GET', '/v1/tenants/acme/subscriptions/x/history')).status, 404);
  const nobody = await call('GET', '/v1/tenants/nobody/subscriptions');
  assert.is(nobody.status, 200);
  assert.equal(nobody.body['subscriptions'], []);
});

test('every read answers in its shape', async () => {
  const { call } = harness();
  for (const path of [
    '/v1/tenants/acme/subscriptions',
    `${one}/actions`,
    `${one}/history`,
    '/v1/tenants/acme/licenses',
    '/v1/tenants/acme/users/alice/licenses',
    '/v1/tenants/acme/users/alice/apps',
    '/v1/payments/inbox?status=parked',
    '/v1/tenants/acme/notices?status=queued',
    `${one}/notices`,
    `${one}/upcoming`,
    '/v1/tenants/acme/upcoming?from=2028-06-01T00:00:00Z&to=2028-07-01T00:00:00Z',
    '/v1/catalogue/plans',
    '/v1/catalogue/plans/SPE_E3',
  ]) {
    const answer = await call('GET', path);
    assert.is(answer.status, 200, `${path}: ${answer.text}`);
    assert.match(String(answer.body['asOfPosition']), /^\d+$/, path);
  }
});

test('minPosition reaches the read model, and must be decimal', async () => {
  const asked: unknown[] = [];
  const base = fakeServices();
  const { call } = harness({
    queries: {
      ...base.queries,
      licenses: async (_, options) => {
        asked.push(options);
        return { licenses: [], asOfPosition: '1' };
      },
    },
  });
  await call('GET', '/v1/tenants/acme/licenses?minPosition=48123');
  assert.equal(asked, [{ minPosition: '48123' }]);
  assert.is((await call('GET', '/v1/tenants/acme/licenses?minPosition=-1')).status, 400);
  assert.is((await call('GET', '/v1/tenants/acme/licenses?minPosition=soon')).status, 400);
});

test('a read model that stays behind is 503 with Retry-After', async () => {
  const base = fakeServices();
  const { call } = harness({
    queries: {
      ...base.queries,
      licenses: async () => {
        throw new ReadModelBehindError(9n, 7n, 5000);
      },
    },
  });
  const answer = await call('GET', '/v1/tenants/acme/licenses?minPosition=9');
  assert.is(answer.status, 503);
  assert.is(answer.body['code'], 'READ_MODEL_BEHIND');
  assert.is(answer.headers.get('retry-after'), '1');
});

test('another time is asked of the log, in UTC, and both times go with every question', async () => {
  const asked: unknown[] = [];
  const base = fakeServices();
  const { call, services } = harness({
    audit: {
      ...base.audit,
      subscription: async (_name, when) => void asked.push(when),
      subscriptions: async (_tenant, when) => {
        asked.push(when);
        return { subscriptions: [], next: undefined };
      },
      licenses: async (_tenant, when) => {
        asked.push(when);
        return [];
      },
      userLicenses: async (_person, when) => {
        asked.push(when);
        return [];
      },
      apps: async (_person, when) => {
        asked.push(when);
        return { apps: [], devices: [] };
      },
      actions: async (_request, when) => void asked.push(when),
    },
  });
  services.people.set('p-alice', 'alice');
  const query = 'at=2027-06-01T02:00:00%2B02:00&knownAt=2027-06-02T00:00:00Z';
  const tenant = '/v1/tenants/acme';
  const statuses = [];
  for (const path of [one, `${one}/actions`, `${tenant}/subscriptions`, `${tenant}/licenses`]) {
    statuses.push((await call('GET', `${path}?${query}`)).status);
  }
  for (const path of ['licenses', 'apps']) {
    statuses.push((await call('GET', `${tenant}/users/alice/${path}?${query}`)).status);
  }
  assert.equal(statuses, [404, 404, 200, 200, 200, 200]);
  const when = { at: '2027-06-01T00:00:00.000Z', knownAt: '2027-06-02T00:00:00.000Z' };
  assert.equal(asked, [when, when, when, when, when, when]);
  assert.is((await call('GET', `${one}?at=yesterday`)).status, 400);
});

test('actions are asked for the caller', async () => {
  const asked: unknown[] = [];
  const base = fakeServices();
  const { call } = harness({
    commands: {
      ...base.commands,
      actions: async (request) => {
        asked.push(request);
        return base.commands.actions(request);
      },
    },
  });
  await call('GET', `${one}/actions`, { headers: { 'Perennial-Roles': 'billing-admin' } });
  assert.equal(asked, [
    {
      tenant: 'acme',
      subscriptionId: 'office-1',
      actor: { type: 'anonymous', id: 'anonymous', roles: ['billing-admin'] },
      roles: ['billing-admin'],
    },
  ]);
});

test('an unknown plan is 404, an unknown inbox status 400', async () => {
  const { call } = harness();
  assert.is((await call('GET', '/v1/catalogue/plans/none')).status, 404);
  assert.is((await call('GET', '/v1/payments/inbox?status=lost')).status, 400);
});

test('history shows all fields, oldest first, and who the people are', async () => {
  const { call, services } = harness();
  services.people.set('p-alice', 'alice');
  const { body } = await call('GET', `${one}/history`);
  const events = body['events'] as Record<string, unknown>[];
  assert.equal(
    events.map(({ revision }) => revision),
    [0, 1],
  );
  assert.equal(events[0], {
    stream: 'subscription-acme_office-1',
    revision: 0,
    id: 'e-0',
    type: 'LicenseAssigned',
    data: { personId: 'p-alice', appsOff: [], source: 'direct' },
    effectiveAt: '2027-06-01T00:00:00.000Z',
    recordedAt: '2027-06-01T00:00:00.000Z',
    actor: { type: 'user', id: 'p-alice', roles: ['license-admin'], userId: 'alice' },
    commandId: 'c-0',
    correlationId: 'k-1',
    causationId: 'c-0',
    policy: 'direct-mosa-2020@1',
    catalogue: null,
    reason: null,
    schemaVersion: 1,
    hash: 'bb',
    prevHash: 'aa',
    position: '48000',
    because: [
      {
        kind: 'command',
        actor: { type: 'user', id: 'p-alice', roles: ['license-admin'], userId: 'alice' },
        commandId: 'c-0',
        command: null,
      },
    ],
    undoneBy: null,
    correctedBy: [],
  });
  assert.equal(body['people'], { 'p-alice': 'alice' });
  assert.is(body['asOfPosition'], '48123', 'the log was read to its end, wherever the stream ends');
});

test('what is answered from the log has seen minPosition as well, and refuses what the log has not reached', async () => {
  const { call } = harness({ audit: { ...fakeServices().audit, licenses: async () => [] } });
  const path = '/v1/tenants/acme/subscriptions/office-1';
  for (const read of [`${path}/history?`, `${path}/actions?`, '/v1/tenants/acme/licenses?at=2027-06-01T00:00:00Z&']) {
    const answer = await call('GET', `${read}minPosition=48123`);
    assert.is(answer.status, 200, read);
    assert.is(answer.body['asOfPosition'], '48123', read);
    const ahead = await call('GET', `${read}minPosition=48124`);
    assert.is(ahead.status, 503, read);
    assert.is(ahead.body['code'], 'READ_MODEL_BEHIND');
    assert.ok(ahead.headers.get('retry-after'));
  }
});

test('people who were erased are shown by their person ids only', async () => {
  const { call } = harness();
  const { body, text } = await call('GET', `${one}/history`);
  assert.equal(body['people'], {});
  assert.equal(body['erased'], ['p-alice']);
  assert.not.match(text, /userId/);
});

test('history is bounded by revisions, instants and pages', async () => {
  const { call, services } = harness();
  services.events.push(sampleEvent(2), sampleEvent(3));
  const revisions = async (query: string): Promise<unknown> => {
    const { body } = await call('GET', `${one}/history?${query}`);
    return (body['events'] as { revision: number }[]).map(({ revision }) => revision);
  };
  assert.equal(await revisions('from=1&to=3'), [1, 2]);
  assert.equal(await revisions('from=2027-06-02T00:00:00Z&to=2027-06-04T00:00:00Z'), [1, 2]);
  assert.equal(await revisions('from=9'), []);
  const page = await call('GET', `${one}/history?limit=2`);
  assert.is(page.body['next'], 2);
  assert.is((await call('GET', `${one}/history?from=2&limit=2`)).body['next'], null);
  assert.is((await call('GET', `${one}/history?from=yesterday`)).status, 400);
});

test('an app that shows another account is told to switch, where a licence opens it', async () => {
  const app = (appId: string, kind: 'desktop' | 'service', access: 'full' | 'none') => ({
    appId,
    name: appId,
    kind,
    access,
    because: [],
    downloadable: false,
    needsSignIn: false,
    devices: { used: 0, limit: 15 },
    changesAt: null,
  });
  const { call, services } = harness();
  const apps = [app('word', 'desktop', 'full'), app('teams', 'service', 'full'), app('visio', 'desktop', 'none')];
  Object.assign(services.queries, { apps: async () => ({ apps, devices: [], asOfPosition: '1' }) });
  const hinted = async (query: string): Promise<string[]> => {
    const { body } = await call('GET', `/v1/tenants/acme/users/alice/apps${query}`);
    // The answer was checked against its schema.
    const rows = body['apps'] as { appId: string; wrongAccountHint: { en: string } | null }[];
    return rows.filter((row) => row.wrongAccountHint?.en.includes('Switch account')).map(({ appId }) => appId);
  };
  assert.equal(await hinted('?signedInAs=alice%40home.example'), ['word']);
  assert.equal(await hinted('?signedInAs=alice'), []);
  assert.equal(await hinted(''), []);
});

test.run();
