/**
 * The contract over HTTP, asked as a stranger would: only names of the contract, only what it promises.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startPerennial, type Answer, type Json, type Perennial } from '../pipeline/perennial.ts';
import { assertFields } from './fields.ts';

const test = suite('contract: HTTP');
let perennial: Perennial;

const now = '2027-01-31T10:00:00.000Z';
const purchase = { planId: 'SPE_E3', seats: 2, term: 'P1Y' };
const one = '/tenants/acme/subscriptions/office-1';

test.before(async () => {
  perennial = await startPerennial({ env: { PERENNIAL_CLOCK: now } });
  await ok(perennial.post('/tenants/acme/subscriptions', { subscriptionId: 'office-1', ...purchase }));
  await ok(perennial.post(`${one}/commands/activate`));
});

test.after(async () => perennial?.close());

async function ok(asked: Promise<Answer>): Promise<Json> {
  const answer = await asked;
  assert.is(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

async function problem(asked: Promise<Answer>, status: number, code: string): Promise<Json> {
  const answer = await asked;
  assert.is(answer.status, status, JSON.stringify(answer.body));
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  assert.is(answer.body.code, code);
  assert.is(answer.body.status, status);
  assertFields(answer.body, 'type title detail instance', 'problem');
  return answer.body;
}

const command = (name: string, body: Json = {}, headers: Record<string, string> = {}, query = '') =>
  perennial.post(`${one}/commands/${name}${query}`, body, headers);

test('a command answers what it did, and every read may wait for its position', async () => {
  const done = await ok(command('assign-license', { userId: 'alice@acme.example' }));
  assertFields(done, 'subscriptionId status version position events', 'command');
  assertFields(done.events[0], 'id type effectiveAt', 'event of a command');
  const alice = '/tenants/acme/users/alice%40acme.example';
  const reads = [one, '/tenants/acme/subscriptions', '/tenants/acme/licenses', `${alice}/licenses`, `${alice}/apps`];
  reads.push(`${one}/history`, `${one}/actions`, `${one}?at=${now}`, '/payments/inbox', '/catalogue/plans');
  reads.push('/catalogue/plans/SPE_E3');
  for (const path of reads) {
    const separator = path.includes('?') ? '&' : '?';
    const body = await ok(perennial.get(`${path}${separator}minPosition=${done.position}`));
    assert.match(body.asOfPosition, /^\d+$/, path);
    assert.ok(BigInt(body.asOfPosition) >= BigInt(done.position), `${path} has seen ${body.asOfPosition}`);
  }
});

test('a position that is never reached is READ_MODEL_BEHIND, and says when to ask again', async () => {
  const asked = perennial.get(`${one}/history?minPosition=99999999999999`);
  await problem(asked, 503, 'READ_MODEL_BEHIND');
  assert.ok(Number((await asked).headers.get('retry-after')) > 0);
});

test('every read has the fields of its shape', async () => {
  const { position } = await ok(command('assign-license', { userId: 'bob' }));
  const read = (path: string): Promise<Json> =>
    ok(perennial.get(`${path}${path.includes('?') ? '&' : '?'}minPosition=${position}`));
  const shown = await read(one);
  const subscriptionFields = `tenant subscriptionId planId status displayStatus seats termStart termEnd nextBilling
    deadline recurringBilling disabledReasons holds pastDue trial version`;
  assertFields(shown, subscriptionFields, 'subscription');
  assertFields(shown.seats, 'purchased assigned', 'seats');
  assertFields(shown.deadline, 'kind at', 'deadline');
  assert.equal([shown.termStart, shown.termEnd], [now, '2028-01-31T10:00:00.000Z']);
  assert.is(shown.nextBilling, shown.termEnd);
  assertFields((await read('/tenants/acme/subscriptions')).subscriptions[0], subscriptionFields, 'list');
  assertFields(await read(`${one}?at=${now}`), subscriptionFields, 'subscription at an instant');
  const { actions } = await read(`${one}/actions`);
  for (const action of actions)
    assertFields(action, 'command available reasonCodes needs remedies effectPreview', 'action');
  const { events } = await read(`${one}/history`);
  const entry = `revision id type data effectiveAt recordedAt actor commandId correlationId causationId policy hash prevHash`;
  events.forEach((event: Json, index: number) => {
    assertFields(event, entry, 'history');
    assert.is(event.revision, index, 'oldest first');
    if (index > 0) assert.is(event.prevHash, events[index - 1].hash);
  });
  const [row] = (await read('/tenants/acme/licenses')).licenses;
  assertFields(
    row,
    'purchased enabled warning suspended lockedOut consumed available capabilityStatus conflict subscriptions',
    'licenses',
  );
  assert.equal([row.planId, row.enabled, row.consumed, row.available], ['SPE_E3', 2, 2, 0]);
  const bob = await read('/tenants/acme/users/bob/licenses');
  assertFields(bob.licenses[0], 'planId subscriptionId state appsOff assignedAt', 'user licenses');
  const { apps } = await read('/tenants/acme/users/bob/apps');
  for (const app of apps) {
    assertFields(app, 'appId name access because downloadable needsSignIn devices changesAt', 'app');
    assertFields(app.because[0], 'subscriptionId status reason', 'because');
    assertFields(app.devices, 'used limit', 'devices');
  }
  assertFields((await read('/catalogue/plans')).plans[0].apps[0], 'appId name kind', 'app of a plan');
});

test('the same key gives the first result, other content under it is refused, a refusal decides again', async () => {
  const key = { 'idempotency-key': 'off-1' };
  const first = await ok(command('set-recurring-billing', { on: false }, key));
  assert.equal(await ok(command('set-recurring-billing', { on: false }, key)), first);
  const reused = await problem(command('set-recurring-billing', { on: true }, key), 409, 'REFUSED');
  assert.equal(reused.reasonCodes, ['COMMAND_ID_REUSED']);
  const refused = { 'idempotency-key': 'react-1' };
  const body = await problem(command('reactivate', {}, refused), 409, 'REFUSED');
  assert.equal(body.reasonCodes, ['ALREADY_ACTIVE']);
  for (const remedy of body.remedies) assertFields(remedy, 'kind text', 'remedy');
  assert.ok(body.remedies.length > 0 && body.remedies[0].text.en !== '' && body.remedies[0].text.nl !== '');
  await problem(command('reactivate', {}, refused), 409, 'REFUSED');
});

test('a create without an id is the same under the same key, and an id is given once', async () => {
  const key = { 'idempotency-key': 'order-9' };
  const created = await ok(perennial.post('/tenants/acme/subscriptions', purchase, key));
  assert.equal(await ok(perennial.post('/tenants/acme/subscriptions', purchase, key)), created);
  const again = { subscriptionId: 'office-1', ...purchase };
  await problem(perennial.post('/tenants/acme/subscriptions', again), 409, 'ALREADY_EXISTS');
});

test('a stale If-Match is a conflict, and a dry run appends nothing', async () => {
  await problem(command('cancel-now', {}, { 'if-match': '"0"' }), 412, 'VERSION_CONFLICT');
  const { version, status } = await ok(perennial.get(`${one}?at=${now}`));
  const dry = await ok(command('cancel-now', {}, {}, '?dryRun=true'));
  assert.equal([dry.status, dry.version], ['cancelled', version + 1]);
  assertFields(dry.events[0], 'id type effectiveAt', 'event of a dry run');
  const after = await ok(perennial.get(`${one}?at=${now}`));
  assert.equal([after.status, after.version], [status, version]);
});

test('cancelling twice tells of the first, and the first command again gives its result', async () => {
  await ok(perennial.post('/tenants/acme/subscriptions', { subscriptionId: 'twice', ...purchase }));
  const cancel = (key: string) =>
    perennial.post('/tenants/acme/subscriptions/twice/commands/cancel-now', {}, { 'idempotency-key': key });
  await ok(perennial.post('/tenants/acme/subscriptions/twice/commands/activate'));
  const first = await ok(cancel('A'));
  const second = await problem(cancel('B'), 409, 'REFUSED');
  assert.equal(second.reasonCodes, ['ALREADY_CANCELLED']);
  assert.is(second.firstEventId, first.events[0].id);
  assert.equal(await ok(cancel('A')), first);
});

test('roles are the caller’s, and what they lack has a code', async () => {
  const as = (roles: string) => ({ 'perennial-actor': 'user:carol', 'perennial-roles': roles });
  const codes = async (name: string, body: Json, roles: string): Promise<string[]> =>
    (await problem(command(name, body, as(roles)), 409, 'REFUSED')).reasonCodes;
  assert.ok((await codes('cancel-now', {}, 'license-admin')).includes('NOT_BILLING_ADMIN'));
  assert.ok((await codes('assign-license', { userId: 'c' }, 'billing-admin')).includes('NOT_LICENSE_ADMIN'));
  assert.ok((await codes('disable', { reason: 'fraud' }, 'billing-admin')).includes('ROLE_MISSING'));
});

test('a card number is refused wherever it stands in a command, and a token that holds digits is not', async () => {
  const method = (token: string) => ({ paymentMethod: { kind: 'card', token, country: 'NL' } });
  for (const body of [method('4111 1111 1111 1111'), { ...method('pm_1'), note: ['see 5500-0055-5555-5559'] }]) {
    const answer = await problem(command('add-payment-method', body), 400, 'CARD_NUMBER_REJECTED');
    assert.not.match(JSON.stringify(answer), /1111|5559/);
  }
  for (const token of ['tok_4111111111111111', '1111111111111117', '4111111111111112']) {
    await ok(command('add-payment-method', method(token), {}, '?dryRun=true'));
  }
});

test('what is wrong with the input, unknown or too large is named', async () => {
  const wrong = { planId: 1, seats: 0, term: 'P2M' };
  const body = await problem(perennial.post('/tenants/acme/subscriptions', wrong), 400, 'INVALID_INPUT');
  assert.equal(body.issues.map((issue: Json) => issue.path).sort(), ['planId', 'seats', 'term']);
  await problem(perennial.post('/tenants/acme/subscriptions', '{"planId":'), 400, 'INVALID_INPUT');
  await problem(perennial.post('/tenants/_acme/subscriptions', purchase), 400, 'INVALID_INPUT');
  await problem(perennial.get('/tenants/acme/subscriptions/none'), 404, 'NOT_FOUND');
  await problem(command('explode'), 404, 'NOT_FOUND');
  await problem(command('cancel-now', { reason: 'x'.repeat(100_000) }), 413, 'PAYLOAD_TOO_LARGE');
});

test('the virtual clock moves forward only', async () => {
  await problem(perennial.post('/clock', { advanceTo: '2020-01-01T00:00:00Z' }), 409, 'CLOCK_BACKWARDS');
  await problem(perennial.post('/clock', {}), 400, 'INVALID_INPUT');
  const moved = await ok(perennial.post('/clock', { advanceBy: 'PT1M' }));
  assert.is(moved.now, '2027-01-31T10:01:00.000Z');
  assert.match(moved.position, /^\d+$/);
});

test('what surrounds the API stands beside /v1', async () => {
  const outside = async (path: string): Promise<[number, string]> => {
    const answer = await fetch(`${perennial.url}${path}`);
    return [answer.status, await answer.text()];
  };
  for (const path of ['/healthz', '/readyz', '/metrics', '/docs']) assert.is((await outside(path))[0], 200, path);
  const [, text] = await outside('/openapi.json');
  const description: Json = JSON.parse(text);
  assert.match(description.openapi, /^3\.1\./);
  assert.ok(description.paths['/v1/tenants/{tenant}/subscriptions']);
});

test.run();
