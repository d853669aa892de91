import type { ProductKeyService, RedeemRequest, RedeemResult, RedeemSeveralResult } from '@perennial/handlers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveForCli } from '../../cli/testing/console.ts';
import type { ProductKeyPort } from '../services.ts';
import { acceptedResult } from '../testing/fake-services.ts';
import { harness } from '../testing/harness.ts';

const test = suite('product keys over HTTP and the command line');

const key = '44444-44444-44444-44444-44444';
const keyId = 'ab'.repeat(32);
const row = {
  keyId,
  last5: 'K7VHX',
  status: 'redeemed',
  valid: false,
  reasonCodes: ['KEY_ALREADY_REDEEMED'],
  planId: 'SPE_E3',
  seats: 25,
  term: 'P1Y',
  issuedAt: '2027-01-01T00:00:00.000Z',
  soldAt: '2027-01-01T00:00:00.000Z',
  expiresAt: null,
  blockedAt: null,
  redeemedAt: '2027-02-01T00:00:00.000Z',
  countries: null,
  batch: null,
  order: { tenant: 'acme', subscriptionId: 's1', mode: 'new', reservedAt: '2027-02-01T00:00:00.000Z' },
} as const;

const outcome = (typed: string, redeemed: boolean): RedeemSeveralResult['keys'][number] => ({
  last5: typed.slice(-5),
  redeemed,
  reasonCodes: redeemed ? [] : ['KEY_EXPIRED'],
  remedies: [],
});

function fake(result: RedeemResult = acceptedResult) {
  const asked: { readonly what: string; readonly request: object }[] = [];
  const redeemed: RedeemRequest[] = [];
  const note = (what: string, request: object): void => void asked.push({ what, request });
  const service: ProductKeyPort['service'] = {
    issue: async (request) => {
      note('issue', request);
      if (request.batch === 'old') return { kind: 'issued-before', issuedAt: '2027-01-01T00:00:00.000Z' };
      return { kind: 'issued', keys: [{ key, keyId, last5: 'K7VHX' }], position: '7' };
    },
    sell: async (request) => {
      note('sell', request);
      return { kind: 'accepted', keyId, last5: 'K7VHX', position: '7' };
    },
    block: async (request) => {
      note('block', request);
      return { kind: 'nothing', keyId, last5: 'K7VHX', position: '7' };
    },
    redeem: async (request) => {
      redeemed.push(request);
      return result;
    },
    redeemSeveral: async (request) => {
      note('redeemSeveral', request);
      const taken = result.kind !== 'refused';
      return { ...result, keys: request.keys.map((typed) => outcome(typed, taken)) };
    },
  };
  const port: ProductKeyPort = {
    service: service satisfies Partial<ProductKeyService>,
    find: async (last5) => ({ keys: last5 === 'K7VHX' ? [row] : [], asOfPosition: '9' }),
    familyOf: (planId) => (planId === 'SPE_E3' ? 'enterprise' : undefined),
  };
  return { asked, redeemed, productKeys: port };
}

const refused = (reasonCodes: readonly string[], more: object = {}): RedeemResult => ({
  kind: 'refused',
  reasonCodes,
  remedies: [{ kind: 'wait', text: { en: 'Wait.', nl: 'Wacht.' } }],
  ...more,
});

test('keys are issued, shown once, and never cached on the way', async () => {
  const { asked, productKeys } = fake();
  const { call } = harness({ productKeys });
  const answer = await call('POST', '/v1/product-keys', {
    json: { planId: 'SPE_E3', seats: 25, term: 'P1Y', expiresAt: '2028-01-01T00:00:00Z' },
    headers: { 'Idempotency-Key': 'lot-1' },
  });
  assert.is(answer.status, 200);
  assert.equal(answer.body['keys'], [{ key, keyId, last5: 'K7VHX' }]);
  assert.is(answer.headers.get('cache-control'), 'no-store');
  const [{ request } = { request: {} }] = asked;
  assert.equal(Reflect.get(request, 'offer'), { planId: 'SPE_E3', seats: 25, term: 'P1Y', family: 'enterprise' });
  assert.is(Reflect.get(request, 'commandId'), 'lot-1');
  assert.is(Reflect.get(request, 'count'), 1);
  assert.is(Reflect.get(request, 'sold'), true);
  const again = await call('POST', '/v1/product-keys', {
    json: { planId: 'SPE_E3', seats: 25, term: 'P1Y', batch: 'old' },
  });
  assert.is(again.status, 409);
  assert.is(again.body['code'], 'ALREADY_EXISTS');
});

test('only issuers issue', async () => {
  const { call } = harness({ productKeys: fake().productKeys });
  const answer = await call('POST', '/v1/product-keys', {
    json: { planId: 'SPE_E3', seats: 25, term: 'P1Y' },
    headers: { 'Perennial-Roles': 'billing-admin' },
  });
  assert.is(answer.status, 403);
});

test('a key is found by its last five characters, however they are typed', async () => {
  const { call } = harness({ productKeys: fake().productKeys });
  const found = await call('GET', '/v1/product-keys/k7-vhx');
  assert.is(found.body['status'], 'redeemed');
  assert.equal(found.body['keys'], [row]);
  assert.is(found.body['asOfPosition'], '9');
  assert.is((await call('GET', '/v1/product-keys/34679')).status, 404);
  for (const wrong of ['K7VH0', 'K7VH', 'K7VHXX']) {
    assert.is((await call('GET', `/v1/product-keys/${wrong}`)).body['code'], 'INVALID_INPUT', wrong);
  }
});

test('a redemption answers like a command, and says who asked', async () => {
  const { redeemed, productKeys } = fake();
  const { call } = harness({ productKeys });
  const answer = await call('POST', '/v1/tenants/acme/product-keys/redeem', {
    json: { key, mode: 'new', zone: 'Europe/Amsterdam' },
    headers: { 'Idempotency-Key': 'c1', 'Perennial-Actor': 'user:alice' },
  });
  assert.is(answer.status, 200);
  assert.is(answer.body['subscriptionId'], 'office-1');
  const [request] = redeemed;
  assert.is(request?.commandId, 'c1');
  assert.is(request?.actor.id, 'p-alice');
  assert.equal(request?.create, { zone: 'Europe/Amsterdam', profile: undefined });
});

test('as a command it is for the subscription in the path, at the version that was seen, and may be tried out', async () => {
  const { redeemed, productKeys } = fake();
  const { call } = harness({ productKeys });
  const path = '/v1/tenants/acme/subscriptions/office-1/commands/redeem-key';
  const answer = await call('POST', `${path}?dryRun=true`, {
    json: { key, mode: 'extend' },
    headers: { 'If-Match': '"4"' },
  });
  assert.is(answer.status, 200);
  const [request] = redeemed;
  assert.equal(
    [request?.subscriptionId, request?.mode, request?.dryRun, request?.expectedVersion, request?.create],
    ['office-1', 'extend', true, 4, undefined],
  );
  assert.is((await call('POST', path, { json: { key, mode: 'other' } })).status, 400);
});

test('a redemption that makes no sense is invalid input', async () => {
  const { call } = harness({ productKeys: fake().productKeys });
  for (const json of [
    { key },
    { key, mode: 'extend' },
    { key, mode: 'other' },
    { key, mode: 'new', zone: 'Nowhere' },
  ]) {
    assert.is((await call('POST', '/v1/tenants/acme/product-keys/redeem', { json })).status, 400, JSON.stringify(json));
  }
});

test('a refusal has every code, remedies, and whose key it is as far as one may know', async () => {
  const { call } = harness({
    productKeys: fake(refused(['KEY_ALREADY_REDEEMED'], { redeemedBy: 'your_organisation' })).productKeys,
  });
  const answer = await call('POST', '/v1/tenants/acme/product-keys/redeem', { json: { key, mode: 'new' } });
  assert.is(answer.status, 409);
  assert.is(answer.body['code'], 'REFUSED');
  assert.equal(answer.body['reasonCodes'], ['KEY_ALREADY_REDEEMED']);
  assert.is(answer.body['redeemedBy'], 'your_organisation');
  assert.not.match(answer.text, /44444/);
});

test('what passes by itself says when to come back', async () => {
  for (const [code, status] of [
    ['RATE_LIMITED', 429],
    ['KEY_SERVICE_UNAVAILABLE', 503],
  ] as const) {
    const { call } = harness({ productKeys: fake(refused([code], { retryAfterSeconds: 42 })).productKeys });
    const answer = await call('POST', '/v1/tenants/acme/product-keys/redeem', { json: { key, mode: 'new' } });
    assert.is(answer.status, status);
    assert.is(answer.headers.get('retry-after'), '42');
    assert.equal(answer.body['reasonCodes'], [code]);
  }
});

test('a key is sold and blocked by itself or by its id, never by both', async () => {
  const { asked, productKeys } = fake();
  const { call } = harness({ productKeys });
  assert.is((await call('POST', '/v1/product-keys/sell', { json: { key, seller: 'shop' } })).body['changed'], true);
  assert.is((await call('POST', '/v1/product-keys/block', { json: { keyId, reason: 'lost' } })).body['changed'], false);
  assert.equal(
    asked.map(({ request }) => Reflect.get(request, 'name') as unknown),
    [{ key }, { keyId }],
  );
  assert.is((await call('POST', '/v1/product-keys/block', { json: { key, keyId } })).status, 400);
  assert.is((await call('POST', '/v1/product-keys/block', { json: {} })).status, 400);
});

test('without the process behind it, keys say that they are not available', async () => {
  const { call } = harness();
  assert.is((await call('GET', '/v1/product-keys/K7VHX')).status, 501);
});

test('the command line issues, shows, redeems, sells and blocks', async () => {
  const { redeemed, asked, productKeys } = fake();
  const cli = await serveForCli({ productKeys });
  try {
    const issued = await cli.run(['key', 'issue', 'SPE_E3', '--seats', '25', '--unsold', '--country', 'NL']);
    assert.match(issued.out, new RegExp(`^${key}\n`));
    assert.equal(Reflect.get(asked[0]?.request ?? {}, 'countries'), ['NL']);
    assert.is(Reflect.get(asked[0]?.request ?? {}, 'sold'), false);
    assert.match((await cli.run(['key', 'show', 'K7VHX'])).out, /K7VHX +redeemed +SPE_E3/);
    assert.match((await cli.run(['key', 'redeem', key, '--tenant', 'acme'])).out, /acme\/office-1 is active/);
    await cli.run(['key', 'redeem', key, 'acme/office-1']);
    assert.equal(
      redeemed.map(({ mode, subscriptionId }) => [mode, subscriptionId]),
      [
        ['new', undefined],
        ['extend', 'office-1'],
      ],
    );
    assert.match((await cli.run(['key', 'sell', key])).out, /is sold\.$/);
    assert.match((await cli.run(['key', 'block', keyId])).out, /is blocked already\.$/);
    assert.is((await cli.run(['key', 'issue', 'SPE_E3', '--seats', 'many'])).code, 1);
  } finally {
    await cli.server.close();
  }
});

test('several keys make one order, and what became of each is told whether it was taken or not', async () => {
  const { asked, redeemed, productKeys } = fake();
  const other = '66666-66666-66666-66666-66666';
  const path = '/v1/tenants/acme/product-keys/redeem';
  const { call } = harness({ productKeys });
  const order = { keys: [key, other], mode: 'new' };
  const answer = await call('POST', path, { json: order, headers: { 'Idempotency-Key': 'o1' } });
  assert.equal([answer.status, answer.body['keys']], [200, [outcome(key, true), outcome(other, true)]]);
  assert.equal(Reflect.get(asked[0]?.request ?? {}, 'keys'), [key, other]);
  assert.is(redeemed.length, 0);
  const no = harness({ productKeys: fake(refused(['KEY_EXPIRED'])).productKeys });
  const none = await no.call('POST', path, { json: order });
  assert.equal(
    [none.status, none.body['code'], none.body['keys']],
    [409, 'REFUSED', [outcome(key, false), outcome(other, false)]],
  );
  for (const body of [
    { key, keys: [other], mode: 'new' },
    { mode: 'new' },
    { keys: [], mode: 'new' },
    { keys: Array.from({ length: 21 }, () => key), mode: 'new' },
    { key, mode: 'new', fewerSeats: true },
    { keys: [key, other], mode: 'extend', subscriptionId: 's1', fewerSeats: true },
  ]) {
    assert.is((await call('POST', path, { json: body })).status, 400, JSON.stringify(body));
  }
});

test('renewing with fewer seats, a dry run and several keys reach the engine as they were asked for', async () => {
  const { redeemed, asked, productKeys } = fake();
  const { call } = harness({ productKeys });
  const command = '/v1/tenants/acme/subscriptions/s1/commands/redeem-key';
  await call('POST', `${command}?dryRun=true`, { json: { key, mode: 'extend', fewerSeats: true } });
  assert.equal([redeemed[0]?.fewerSeats, redeemed[0]?.dryRun, redeemed[0]?.subscriptionId], [true, true, 's1']);
  await call('POST', '/v1/tenants/acme/product-keys/redeem?dryRun=true', { json: { keys: [key], mode: 'new' } });
  assert.is(Reflect.get(asked[0]?.request ?? {}, 'dryRun'), true);
});

test.run();
