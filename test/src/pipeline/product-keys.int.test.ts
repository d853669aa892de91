/**
 * Product keys on real engines (`domain.md 2`, scenario 22): issued and redeemed over HTTP, raced for, and killed in the
 * middle.
 *
 * @module
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startPerennial, until, type Answer, type Json, type Perennial } from './perennial.ts';

const test = suite('product keys on real engines');
let perennial: Perennial;

test.before(async () => {
  perennial = await startPerennial();
});
test.after(() => perennial.close());

async function issue(count = 1, body: object = {}): Promise<readonly { key: string; keyId: string; last5: string }[]> {
  const answer = await perennial.post('/product-keys', { planId: 'SPE_E3', seats: 5, term: 'P1Y', count, ...body });
  assert.is(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.keys as Json;
}

const redeem = (tenant: string, key: string, body: object = {}, id?: string): Promise<Answer> =>
  perennial.post(
    `/tenants/${tenant}/product-keys/redeem`,
    { key, mode: 'new', ...body },
    id === undefined ? {} : { 'Idempotency-Key': id },
  );

const show = async (last5: string, position: string): Promise<Json> =>
  (await perennial.get(`/product-keys/${last5}?minPosition=${position}`)).body;

test('a key becomes a subscription that can be read at once, and the ledger knows', async () => {
  const [issued] = await issue();
  assert.ok(issued);
  const typed = ` ${issued.key.toLowerCase().replaceAll('-', ' ')} `;
  const answer = await redeem('acme', typed, { subscriptionId: 'k1', zone: 'Europe/Amsterdam' }, 'first');
  assert.is(answer.status, 200, JSON.stringify(answer.body));
  assert.is(answer.body.status, 'active');
  const { body } = await perennial.get(`/tenants/acme/subscriptions/k1?minPosition=${answer.body.position}`);
  assert.equal([body.planId, body.seats.purchased, body.recurringBilling], ['SPE_E3', 5, false]);
  const ledger = await show(issued.last5, answer.body.position as string);
  assert.is(ledger.status, 'redeemed');
  assert.equal([ledger.order.tenant, ledger.order.subscriptionId], ['acme', 'k1']);
  const again = await redeem('acme', issued.key, { subscriptionId: 'k1', zone: 'Europe/Amsterdam' }, 'first');
  assert.equal(again.body, answer.body, 'the same command answers the same');
  assert.is(again.headers.get('idempotent-replayed'), 'true');
});

test('more time and more seats, spread over what is there', async () => {
  const [first, second, third] = await issue(3);
  assert.ok(first && second && third);
  const made = await redeem('time', first.key, { subscriptionId: 's' });
  const before = (await perennial.get(`/tenants/time/subscriptions/s?minPosition=${made.body.position}`)).body;
  const enlarged = await redeem('time', second.key, { subscriptionId: 's', mode: 'add-seats' });
  assert.is(enlarged.status, 200, JSON.stringify(enlarged.body));
  const command = '/tenants/time/subscriptions/s/commands/redeem-key';
  const dry = await perennial.post(`${command}?dryRun=true`, { key: third.key, mode: 'extend' });
  assert.is(dry.status, 200, JSON.stringify(dry.body));
  const extended = await perennial.post(command, { key: third.key, mode: 'extend' });
  assert.equal(
    [extended.status, dry.body.version],
    [200, extended.body.version],
    'the dry run told what happened then, and kept nothing',
  );
  const after = (await perennial.get(`/tenants/time/subscriptions/s?minPosition=${extended.body.position}`)).body;
  assert.is(after.seats.purchased, 10);
  // Five of ten seats for a year: half a year for all.
  const half = new Date(before.termEnd as string);
  half.setUTCMonth(half.getUTCMonth() + 6);
  assert.is(after.termEnd, half.toISOString());
  const actions = (await perennial.get('/tenants/time/subscriptions/s/actions')).body.actions as readonly Json[];
  assert.equal(actions.find((action) => action.command === 'redeem-key')?.needs, ['key', 'mode']);
  const inside = await perennial.post(command, { mode: 'extend', keyId: 'ab'.repeat(32), last5: 'ACDEF', seats: 9 });
  assert.is(inside.status, 400, 'nobody extends anything without a key');
});

test('errors of keys are told apart, each with a remedy in both languages', async () => {
  const [issued] = await issue();
  assert.ok(issued);
  const typo = issued.key.replace(/^./, issued.key.startsWith('3') ? '4' : '3');
  const malformed = await redeem('acme', typo);
  assert.equal([malformed.status, malformed.body.reasonCodes], [409, ['KEY_MALFORMED']]);
  const unknown = await redeem('acme', '33333-33333-33333-33333-33333');
  assert.equal([unknown.status, unknown.body.reasonCodes], [409, ['KEY_NOT_FOUND']]);
  for (const { body } of [malformed, unknown]) assert.ok(body.remedies[0].text.nl && body.remedies[0].text.en);
});

test('redeemed at once by two tenants, many times: one has it, and the other nothing', async () => {
  const keys = await issue(25);
  for (const [round, { key, last5 }] of keys.entries()) {
    const tenants = [`t${round}a`, `t${round}b`];
    const answers = await Promise.all(tenants.map((tenant) => redeem(tenant, key)));
    assert.equal(
      answers.map(({ status }) => status).sort(),
      [200, 409],
      JSON.stringify(answers.map(({ body }) => body)),
    );
    const [winner, loser] = answers[0]?.status === 200 ? answers : answers.toReversed();
    assert.equal(loser?.body.reasonCodes, ['KEY_ALREADY_REDEEMED']);
    assert.is(loser?.body.redeemedBy, 'another');
    const position = winner?.body.position as string;
    const loserTenant = tenants[answers.findIndex(({ status }) => status === 409)];
    const { body } = await perennial.get(`/tenants/${loserTenant}/subscriptions?minPosition=${position}`);
    assert.equal(body.subscriptions, []);
    assert.is((await show(last5, position)).keys.length >= 1, true);
  }
});

test('killed while keys are redeemed, every order is finished after the restart, and none twice', async () => {
  const keys = await issue(12);
  const { dataDirectory } = perennial;
  const asked = keys.map(({ key }, index) => redeem('killed', key, { subscriptionId: `k${index}` }, `order-${index}`));
  // The first answer says that the others are in the middle of it.
  await Promise.any(asked);
  await perennial.kill();
  await Promise.allSettled(asked);
  perennial = await startPerennial({ dataDirectory });
  await until('no order is left half done', async () => {
    const rows = await Promise.all(keys.map(({ last5 }) => perennial.get(`/product-keys/${last5}`)));
    return rows.every(({ body }) => body.status !== 'reserved');
  });
  for (const [index, { key }] of keys.entries()) {
    const answer = await redeem('killed', key, { subscriptionId: `k${index}` }, `order-${index}`);
    assert.equal([answer.status, answer.body.status], [200, 'active'], JSON.stringify(answer.body));
    const other = await redeem('other', key);
    assert.equal(other.body.reasonCodes, ['KEY_ALREADY_REDEEMED']);
    const { body } = await perennial.get(`/tenants/killed/subscriptions/k${index}/history`);
    const types = (body.events as readonly Json[]).map(({ type }) => String(type));
    assert.is(types.filter((type) => type === 'SubscriptionActivated').length, 1);
  }
});

test('no file of the installation holds a key, and the secret is for its owner only', async () => {
  const [issued] = await issue();
  assert.ok(issued);
  await redeem('acme', issued.key);
  const secret = join(perennial.dataDirectory, 'vault', 'product-key-secret');
  assert.is(statSync(secret).mode & 0o777, 0o600);
  const plain = issued.key.replaceAll('-', '');
  for (const file of readdirSync(perennial.dataDirectory, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const bytes = readFileSync(join(file.parentPath, file.name));
    assert.not.ok(bytes.includes(issued.key) || bytes.includes(plain), file.name);
  }
});

test('without its secret the installation says that keys are unavailable, and never that one is unknown', async () => {
  const [issued] = await issue();
  assert.ok(issued);
  const { dataDirectory } = perennial;
  await perennial.stop();
  rmSync(join(dataDirectory, 'vault', 'product-key-secret'));
  perennial = await startPerennial({ dataDirectory, env: { LOG_LEVEL: 'silent' } });
  const answer = await redeem('acme', issued.key);
  assert.equal([answer.status, answer.body.reasonCodes], [503, ['KEY_SERVICE_UNAVAILABLE']]);
  assert.ok(Number(answer.headers.get('retry-after')) > 0);
});

test.run();
