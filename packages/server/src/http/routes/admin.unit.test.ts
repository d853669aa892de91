import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ParkedMessage, ParkedMessages } from '@perennial/handlers';
import { fakeProjections, sampleComparison, sampleSet } from '../testing/fake-services.ts';
import { harness } from '../testing/harness.ts';

const test = suite('operations for operators');

const message: ParkedMessage = {
  id: 17,
  component: 'intake',
  parkedAt: '2027-06-01T00:00:00.000Z',
  subject: 'billing.payments.v1.demo',
  sequence: 311,
  lane: undefined,
  error: { code: 'EVENT_MESSAGE_UNREADABLE', message: 'not JSON' },
  attempts: 1,
  headers: { 'Nats-Msg-Id': ['evt_1'] },
  data: new TextEncoder().encode('{"broken'),
};

function parkedWith(overrides: Partial<ParkedMessages> = {}): ParkedMessages {
  return {
    list: async () => [message],
    show: async (id) => (id === message.id ? message : undefined),
    retry: async () => ({ handled: 1, parkedAgain: 0 }),
    discard: async () => true,
    ...overrides,
  };
}

test('without a port the operations say that they are not available yet', async () => {
  const { call } = harness();
  const paths = [
    ['GET', '/v1/admin/parked'],
    ['GET', '/v1/admin/parked/17'],
    ['POST', '/v1/admin/parked/17/retry'],
    ['GET', '/v1/admin/projections'],
    ['POST', '/v1/admin/projections/verify'],
    ['POST', '/v1/admin/projections/rebuild'],
  ] as const;
  for (const [method, path] of paths) assert.is((await call(method, path)).status, 501, path);
});

test('parked messages are listed without their bytes and shown with them', async () => {
  const { call } = harness({ parked: parkedWith() });
  const list = await call('GET', '/v1/admin/parked?component=intake&limit=5');
  assert.is(list.status, 200);
  assert.not.match(list.text, /broken/);
  const shown = await call('GET', '/v1/admin/parked/17');
  assert.is(shown.body['payload'], '{"broken');
  assert.is(shown.body['lane'], null);
  assert.is((await call('GET', '/v1/admin/parked/18')).status, 404);
  assert.is((await call('GET', '/v1/admin/parked/first')).status, 400);
});

test('a parked message is retried, or discarded with a reason and by somebody', async () => {
  const discarded: unknown[] = [];
  const parked = parkedWith({
    discard: async (id, discard) => {
      discarded.push({ id, ...discard });
      return id === 17;
    },
  });
  const { call } = harness({ parked });
  assert.equal((await call('POST', '/v1/admin/parked/17/retry')).body, { handled: 1, parkedAgain: 0 });
  assert.is((await call('POST', '/v1/admin/parked/18/retry')).status, 404);
  const headers = { 'Perennial-Actor': 'support:dora' };
  assert.is((await call('POST', '/v1/admin/parked/17/discard', { headers })).status, 400, 'a reason is needed');
  const json = { reason: 'test' };
  assert.equal((await call('POST', '/v1/admin/parked/17/discard', { json, headers })).body, { discarded: true });
  assert.is((await call('POST', '/v1/admin/parked/18/discard', { json, headers })).status, 404);
  assert.equal(discarded[0], { id: 17, reason: 'test', by: 'p-platform-dora' });
});

test('auditors look, support acts, others do neither', async () => {
  const { call } = harness({ parked: parkedWith() });
  const as = (roles: string) => ({ headers: { 'Perennial-Roles': roles } });
  assert.is((await call('GET', '/v1/admin/parked', as('auditor'))).status, 200);
  assert.is((await call('POST', '/v1/admin/parked/17/retry', as('auditor'))).status, 403);
  assert.is((await call('POST', '/v1/admin/parked/17/retry', as('support'))).status, 200);
  assert.is((await call('GET', '/v1/admin/parked', as('billing-admin'))).status, 403);
  assert.is((await call('GET', '/v1/admin/parked', as(''))).status, 403);
});

test('projections are listed, verified, rebuilt, switched, switched back and dropped', async () => {
  const { call } = harness({ projections: fakeProjections() });
  const list = await call('GET', '/v1/admin/projections');
  assert.is(list.status, 200);
  assert.equal(list.body['sets'], [sampleSet]);
  assert.equal((await call('POST', '/v1/admin/projections/verify')).body, sampleComparison);
  const rebuilt = await call('POST', '/v1/admin/projections/rebuild', { json: { switch: 'by-hand' } });
  assert.equal([rebuilt.status, rebuilt.body['set']], [202, 'perennial_set_2']);
  assert.is((await call('POST', '/v1/admin/projections/rebuild', { json: { switch: 'never' } })).status, 400);
  const one = await call('POST', '/v1/admin/projections/rebuild', { json: { projection: 'payment-inbox' } });
  assert.equal([one.status, one.body['projections']], [202, ['payment-inbox']]);
  const unknown = await call('POST', '/v1/admin/projections/rebuild', { json: { projection: 'nothing' } });
  assert.equal([unknown.status, unknown.body['code']], [404, 'NOT_FOUND']);
  assert.is((await call('POST', '/v1/admin/projections/switch')).body['equal'], false);
  assert.equal((await call('POST', '/v1/admin/projections/rollback')).body, { set: 'perennial_set_1' });
  assert.equal((await call('POST', '/v1/admin/projections/drop')).body, { dropped: true });
  const headers = { 'Perennial-Roles': 'auditor' };
  assert.is(
    (await call('POST', '/v1/admin/projections/verify', { headers })).status,
    200,
    'looking is for auditors too',
  );
  assert.is((await call('POST', '/v1/admin/projections/switch', { headers })).status, 403);
});

test('switching to nothing is refused with what to do', async () => {
  const refusal = Object.assign(new Error('No set is being built; begin with projection rebuild.'), {
    code: 'PROJECTIONS_NOT_READY',
  });
  const { call } = harness({ projections: { ...fakeProjections(), switchOver: () => Promise.reject(refusal) } });
  const { status, body } = await call('POST', '/v1/admin/projections/switch');
  assert.equal([status, body['code'], body['detail']], [409, 'PROJECTIONS_NOT_READY', refusal.message]);
});

test('a catalogue is imported from CSV only', async () => {
  const texts: string[] = [];
  const { call } = harness({
    catalogue: {
      importCsv: async (text) => {
        texts.push(text);
        return {
          version: '2',
          planCount: 1,
          oddities: [{ line: 3, code: 'DUPLICATE', message: 'twice' }],
          position: '9',
        };
      },
    },
  });
  const csv = { raw: 'Product,String_Id\nÜber,E3\n', headers: { 'content-type': 'text/csv' } };
  const answer = await call('POST', '/v1/admin/catalogue', csv);
  assert.is(answer.status, 200);
  assert.is(answer.body['planCount'], 1);
  assert.equal(texts, [csv.raw]);
  assert.is((await call('POST', '/v1/admin/catalogue', { json: {} })).status, 415);
  assert.is((await call('POST', '/v1/admin/catalogue')).status, 400);
});

test.run();
