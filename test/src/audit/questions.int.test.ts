/**
 * The questions of an auditor through the outside doors: any instant, why, who, what differs, over HTTP and the CLI.
 */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { payment } from '../pipeline/payments.ts';
import { startPerennial, until, type Json, type Perennial } from '../pipeline/perennial.ts';

const test = suite('questions about any instant, through the whole pipeline');
const run = promisify(execFile);
const cli = join(
  dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))),
  'packages/server/bin/perennial.mjs',
);
const one = '/tenants/acme/subscriptions/office-1';
const noon = '2027-06-01T12:00:00.000Z';
let perennial: Perennial;
let appId: string;

test.before(async () => {
  perennial = await startPerennial({ env: { PERENNIAL_CLOCK: '2026-06-01T00:00:00Z' } });
  await accept('/tenants/acme/subscriptions', {
    subscriptionId: 'office-1',
    planId: 'O365_BUSINESS_PREMIUM',
    seats: 3,
    term: 'P1Y',
  });
  await accept(`${one}/commands/activate`);
  await accept(`${one}/commands/assign-license`, { userId: 'alice@acme.example' }, 'user:boss');
  assert.is((await perennial.post(`${one}/commands/activate`, {})).status, 409);
  await pay(payment({ object: 'in_first', ref: 'acme/office-1', occurredAt: '2026-06-01T00:00:00.000Z' }));
  await accept('/clock', { advanceTo: noon });
  // Scenario 3 of domain.md 7: paid half a minute before the end, delivered a day and a half after it.
  await accept('/clock', { advanceTo: '2027-06-02T10:00:00.000Z' });
  await pay(payment({ object: 'in_renewal', ref: 'acme/office-1', occurredAt: '2027-05-31T23:59:30.000Z' }));
  const { position } = await accept('/clock', { advanceBy: 'PT1M' });
  const { apps } = await read(`/tenants/acme/users/alice@acme.example/apps?minPosition=${position}`);
  appId = apps.find((app: Json) => app.kind === 'desktop').appId;
});

test.after(async () => {
  await perennial?.close();
});

async function accept(path: string, body: Json = {}, actor?: string): Promise<Json> {
  const answer = await perennial.post(path, body, { ...(actor && { 'perennial-actor': actor }) });
  assert.is(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

async function pay(event: Json): Promise<void> {
  const answer = await perennial.post('/payments', event, { 'content-type': 'application/cloudevents+json' });
  assert.is(answer.status, 202, JSON.stringify(answer.body));
}

async function read(path: string): Promise<Json> {
  const answer = await perennial.get(path);
  assert.is(answer.status, 200, `${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function statusFor(path: string, roles: string): Promise<number> {
  const response = await fetch(`${perennial.url}/v1${path}`, { headers: { 'perennial-roles': roles } });
  await response.arrayBuffer();
  return response.status;
}

test('a renewal paid in time and delivered late: active on the 1st, and not known to be', async () => {
  const both = `at=${noon}&knownAt=${noon}`;
  assert.is((await read(`${one}?at=${noon}`)).status, 'active');
  assert.is((await read(`${one}?${both}`)).status, 'expired');
  assert.is((await read(`/tenants/acme/licenses?at=${noon}`)).licenses[0].capabilityStatus, 'Enabled');
  assert.is((await read(`/tenants/acme/licenses?${both}`)).licenses[0].capabilityStatus, 'Warning');
  const reason = async (query: string) =>
    (await read(`/tenants/acme/users/alice@acme.example/apps?${query}`)).apps[0].because[0].reason;
  assert.is(await reason(`at=${noon}`), 'active');
  assert.is(await reason(both), 'expired');
});

test('as of now, as known now, every read answers what the live one does', async () => {
  const { now } = await accept('/clock', { advanceBy: 'PT1M' });
  const when = `at=${now}&knownAt=${now}`;
  const user = '/tenants/acme/users/alice@acme.example';
  for (const path of [
    one,
    '/tenants/acme/subscriptions',
    '/tenants/acme/licenses',
    `${user}/licenses`,
    `${user}/apps`,
  ]) {
    assert.equal(
      { ...(await read(`${path}?${when}`)), asOfPosition: '' },
      { ...(await read(path)), asOfPosition: '' },
      path,
    );
  }
  const [then, live] = [await read(`${one}/actions?${when}`), await read(`${one}/actions`)];
  assert.equal(then.actions, live.actions);
});

test('history tells why, back to the payment or the person, and marks what was undone', async () => {
  const { events, people } = await read(`${one}/history?include=all`);
  const find = (type: string) => events.find((event: Json) => event.type === type);
  assert.is(find('SubscriptionExpired').undoneBy.type, 'ExpiryReversed');
  assert.equal(
    find('SubscriptionExpired').because.map((cause: Json) => cause.deadline ?? cause.event?.type ?? cause.command),
    ['term-end', 'SubscriptionActivated', 'activate'],
  );
  const [renewal] = find('SubscriptionRenewed').because;
  assert.equal([renewal.kind, renewal.provider, renewal.object], ['payment', 'bank', 'in_renewal']);
  assert.match(renewal.message, /^PAYMENTS:\d+$/);
  const assigned = find('LicenseAssigned');
  assert.is(assigned.because[0].actor.userId, 'boss');
  assert.is(people[assigned.data.personId], 'alice@acme.example');
  const refused = await until('the refused command', async () =>
    (await read(`${one}/history?include=attempts`)).events.find((event: Json) => event.type === 'CommandRefused'),
  );
  assert.equal(refused.data.reasonCodes, ['ALREADY_ACTIVE']);
  const then = await read(`${one}/history?knownAt=${noon}`);
  assert.is(then.events.find((event: Json) => event.type === 'SubscriptionExpired').undoneBy, null);
});

test('what differs between what was known then and what is known now, with the events behind it', async () => {
  const diff = await read(`${one}/diff?fromAt=${noon}&fromKnownAt=${noon}&toAt=${noon}`);
  const status = diff.changes.find((change: Json) => change.field === 'status');
  assert.equal([status.before, status.after], ['expired', 'active']);
  assert.equal(
    status.events.map((event: Json) => event.type),
    ['SubscriptionExpired', 'ExpiryReversed'],
  );
});

test('why a user had an app, as data and in words', async () => {
  const path = `/tenants/acme/users/alice@acme.example/apps/${appId}/why`;
  const why = await read(`${path}?at=${noon}&knownAt=${noon}`);
  assert.is(why.access, 'full', 'expired has full access');
  assert.equal(
    why.chain.map((step: Json) => step.kind),
    ['assigned', 'status'],
  );
  assert.is(why.chain[1].status, 'expired');
  assert.match(
    why.sentences[0].en,
    /^On 2027-06-01T12:00:00\.000Z, as known on .*, alice@acme\.example had full access/,
  );
  assert.match(why.sentences[1].nl, /^boss wees de licentie toe/);
  const never = await read(`/tenants/acme/users/nobody/apps/${appId}/why`);
  assert.equal([never.access, never.chain], ['none', [{ kind: 'never-assigned' }]]);
});

test('the histories of a user and of a payment, and whatever names them', async () => {
  const ofUser = await read('/tenants/acme/users/alice@acme.example/history');
  assert.equal(
    ofUser.events.map((event: Json) => event.type),
    ['LicenseAssigned'],
  );
  assert.is(ofUser.next, null);
  const ofPayment = await read('/payments/bank/in_renewal/history');
  assert.ok(ofPayment.events.some((event: Json) => event.type === 'SubscriptionRenewed'));
  const known = await read('/payments/bank/in_renewal/history?subscription=acme/office-1');
  assert.equal(known.events, ofPayment.events);
  const found = await read('/audit/find?payment=in_renewal&tenant=acme');
  assert.equal(found.events, ofPayment.events);
  const byBoss = await read('/audit/find?actor=user:boss&tenant=acme');
  assert.equal(
    byBoss.events.map((event: Json) => event.type),
    ['LicenseAssigned'],
  );
  assert.equal((await read('/audit/find?user=alice@acme.example&tenant=acme')).events, ofUser.events);
  assert.is((await perennial.get('/audit/find')).status, 400);
  assert.is((await perennial.get('/tenants/acme/users/nobody/history')).status, 404);
});

test('the history of a product key goes on in its subscription', async () => {
  const issued = await perennial.post('/product-keys', { planId: 'O365_BUSINESS_PREMIUM', seats: 2, term: 'P1Y' });
  assert.is(issued.status, 200, JSON.stringify(issued.body));
  const { key } = issued.body.keys[0];
  const last5 = key.slice(-5);
  const body = { key, mode: 'new', subscriptionId: 'prepaid' };
  const { position } = await accept('/tenants/acme/product-keys/redeem', body, 'user:boss');
  const { events } = await read(`/product-keys/${last5}/history?minPosition=${position}`);
  const types = events.map((event: Json) => event.type);
  assert.is(types[0], 'KeyIssued');
  assert.is(types.at(-1), 'KeyRedeemed');
  const created = events.find((event: Json) => event.type === 'SubscriptionCreated');
  assert.equal(
    created.because.map((cause: Json) => cause.event?.type ?? cause.actor.userId),
    ['KeyReserved', 'boss'],
  );
});

test('who was in a state then, and what falls due', async () => {
  const names = async (query: string) =>
    (await read(`/audit/in-state?${query}`)).subscriptions.map((row: Json) => `${row.tenant}/${row.subscriptionId}`);
  assert.equal(await names(`status=expired&at=${noon}&knownAt=${noon}`), ['acme/office-1']);
  assert.equal(await names(`status=expired&at=${noon}`), []);
  assert.equal(await names(`status=active&at=${noon}&tenant=acme`), ['acme/office-1']);
  const { due } = await read('/audit/due?from=2028-06-01T00:00:00Z&to=2028-07-02T00:00:00Z');
  assert.equal(
    due.filter((row: Json) => row.subscriptionId === 'office-1').map((row: Json) => [row.kind, row.to]),
    [
      ['term-end', 'expired'],
      ['grace-end', 'disabled'],
    ],
  );
  const policy = await read(`${one}/policy?at=${noon}`);
  assert.match(policy.profile, /^direct-mosa-2020@/);
});

test('an auditor may read all of it, others only what is theirs', async () => {
  const ofAll = ['/audit/in-state?status=active', '/audit/find?type=LogCreated', '/payments/bank/in_first/history'];
  for (const path of [...ofAll, `${one}/diff`, '/tenants/acme/users/alice@acme.example/history']) {
    assert.is(await statusFor(path, 'auditor'), 200, path);
  }
  for (const path of [...ofAll, '/tenants/acme/users/alice@acme.example/history']) {
    assert.is(await statusFor(path, 'billing-admin'), 403, path);
  }
});

test('the command line asks the same', async () => {
  const perennialCli = async (...args: string[]) =>
    (await run(process.execPath, [cli, ...args, '--url', perennial.url])).stdout;
  const why = await perennialCli('audit', 'why', 'acme/alice@acme.example', appId, '--at', noon, '--language', 'nl');
  assert.match(why, /volledige toegang/);
  const diff = await perennialCli(
    'audit',
    'diff',
    'acme/office-1',
    '--from-at',
    noon,
    '--from-known-at',
    noon,
    '--to-at',
    noon,
  );
  assert.match(diff, /status +expired +active +#\d+ SubscriptionExpired/);
  const history = await perennialCli('history', 'acme/office-1', '--include', 'all');
  assert.match(history, /undone by #\d+/);
  assert.match(await perennialCli('audit', 'in-state', 'expired', '--at', noon, '--known-at', noon), /acme\/office-1/);
  assert.match(await perennialCli('audit', 'find', '--payment', 'in_renewal'), /SubscriptionRenewed/);
  assert.match(await perennialCli('audit', 'due', '2028-06-01', '2028-07-02'), /grace-end/);
  assert.match(await perennialCli('history', '--user', 'alice@acme.example', '--tenant', 'acme'), /LicenseAssigned/);
  assert.match(await perennialCli('history', '--payment', 'bank/in_renewal'), /SubscriptionRenewed/);
});

test('after an erasure what happened is still told, and of whom is not', async () => {
  const user = '/tenants/acme/users/alice@acme.example';
  const before = await read(`${one}/history`);
  const { personId } = before.events.find((event: Json) => event.type === 'LicenseAssigned').data;
  const erasure = await fetch(`${perennial.url}/v1${user}/personal-data`, { method: 'DELETE' });
  assert.is(erasure.status, 200, await erasure.text());
  const after = await read(`${one}/history`);
  assert.equal(after.erased, [personId]);
  assert.is(after.people[personId], undefined);
  assert.not.match(JSON.stringify(after), /alice/);
  const hashes = ({ events }: Json) => events.map((event: Json) => event.hash);
  assert.equal(hashes(after), hashes(before));
  assert.is((await perennial.get(`${user}/history`)).status, 404);
  assert.equal((await read(`${user}/apps?at=${noon}`)).apps, [], 'nobody of that name is known any more');
  const found = await read(`/audit/find?person=${personId}`);
  assert.equal(
    found.events.map((event: Json) => event.type),
    ['LicenseAssigned', 'PersonErased'],
  );
  assert.is((await read(`/tenants/acme/licenses?at=${noon}`)).licenses[0].consumed, 1, 'counts stay');
});

test.run();
