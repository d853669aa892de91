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
  return answer.body.keys;
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

test('more time or more seats with one key in two subscriptions at once: one has it, and the other nothing', async () => {
  for (const mode of ['extend', 'add-seats'] as const) {
    // Four years more for one of them stay below the cap of five.
    const keys = await issue(4);
    const made = await issue(2);
    const tenants = [`${mode}-a`, `${mode}-b`];
    await Promise.all(tenants.map((tenant, index) => redeem(tenant, made[index]?.key ?? '', { subscriptionId: 's' })));
    for (const { key } of keys) {
      const answers = await Promise.all(tenants.map((tenant) => redeem(tenant, key, { subscriptionId: 's', mode })));
      const loser = answers.findIndex(({ status }) => status === 409);
      assert.equal(answers.map(({ status }) => status).sort(), [200, 409]);
      assert.equal(
        [answers[loser]?.body.reasonCodes, answers[loser]?.body.redeemedBy],
        [['KEY_ALREADY_REDEEMED'], 'another'],
      );
    }
    const histories = await Promise.all(
      tenants.map((tenant) => perennial.get(`/tenants/${tenant}/subscriptions/s/history`)),
    );
    const applied = histories.flatMap(({ body }) => (body.events as readonly Json[]).map(({ type }) => String(type)));
    assert.is(applied.filter((type) => type === 'ProductKeyApplied').length, 2 + keys.length);
  }
});

test('several keys in one order: all or, told of each, none', async () => {
  const [first, second, third] = await issue(3);
  const [used] = await issue();
  assert.ok(first && second && third && used);
  await redeem('several', used.key);
  const order = (keys: readonly string[], id: string, query = ''): Promise<Answer> =>
    perennial.post(
      `/tenants/several/product-keys/redeem${query}`,
      { keys, mode: 'new', subscriptionId: 'all' },
      { 'Idempotency-Key': id },
    );
  const twice = await order([first.key, first.key], 'o1');
  assert.equal([twice.status, twice.body.reasonCodes], [409, ['KEY_ALREADY_ENTERED']]);
  const refused = await order([first.key, used.key], 'o1');
  assert.equal(
    (refused.body.keys as readonly Json[]).map(({ redeemed, reasonCodes }) => [redeemed, reasonCodes]),
    [
      [false, []],
      [false, ['KEY_ALREADY_REDEEMED']],
    ],
  );
  assert.is((await perennial.get('/tenants/several/subscriptions/all')).status, 404);
  const keys = [first.key, second.key, third.key];
  const dry = await order(keys, 'o1', '?dryRun=true');
  const taken = await order(keys, 'o1');
  assert.is(taken.status, 200, JSON.stringify(taken.body));
  assert.equal([dry.body.status, dry.body.version], [taken.body.status, taken.body.version]);
  const { body } = await perennial.get(`/tenants/several/subscriptions/all?minPosition=${taken.body.position}`);
  assert.equal([body.seats.purchased, body.status], [15, 'active']);
  assert.equal((await order(keys, 'o1')).body.keys, taken.body.keys);
});

test('a prepaid subscription is renewed with fewer seats only by a key, and only when they are free', async () => {
  const [first, small] = [(await issue())[0], (await issue(1, { seats: 1 }))[0]];
  assert.ok(first && small);
  await redeem('fewer', first.key, { subscriptionId: 's' });
  const command = (name: string, body: object): Promise<Answer> =>
    perennial.post(`/tenants/fewer/subscriptions/s/commands/${name}`, body);
  assert.equal((await command('remove-seats', { count: 4 })).body.reasonCodes, ['PREPAID_SEATS_ONLY_AT_RENEWAL']);
  for (const userId of ['ann', 'bob']) await command('assign-license', { userId });
  const renewal = { key: small.key, mode: 'extend', fewerSeats: true };
  assert.equal((await command('redeem-key', renewal)).body.reasonCodes, ['SEATS_BELOW_ASSIGNED']);
  await command('unassign-license', { userId: 'bob' });
  const renewed = await command('redeem-key', renewal);
  assert.is(renewed.status, 200, JSON.stringify(renewed.body));
  const { body } = await perennial.get(`/tenants/fewer/subscriptions/s?minPosition=${renewed.body.position}`);
  assert.equal([body.seats, body.prepaidUntil], [{ purchased: 1, assigned: 1 }, body.termEnd]);
});

test('a key says whether it is valid, and whoever guesses keys has to wait', async () => {
  const [issued] = await issue(1, { sold: false });
  assert.ok(issued);
  const { position } = (await perennial.post('/product-keys/sell', { key: issued.key })).body;
  const sold = await show(issued.last5, position as string);
  assert.equal([sold.status, sold.valid, sold.reasonCodes], ['sold', true, []]);
  const blocked = (await perennial.post('/product-keys/block', { key: issued.key, reason: 'stolen' })).body;
  const after = await show(issued.last5, blocked.position as string);
  assert.equal([after.status, after.valid, after.reasonCodes], ['blocked', false, ['KEY_BLOCKED']]);
  assert.equal((await redeem('guesser', issued.key)).body.reasonCodes, ['KEY_BLOCKED']);
  let answer = await redeem('guesser', '33333-33333-33333-33333-33333');
  for (let guess = 1; guess <= 20 && answer.status === 409; guess += 1) {
    assert.equal(answer.body.reasonCodes, ['KEY_NOT_FOUND']);
    answer = await redeem('guesser', '33333-33333-33333-33333-33333');
  }
  assert.equal([answer.status, answer.body.reasonCodes], [429, ['RATE_LIMITED']]);
  assert.ok(Number(answer.headers.get('retry-after')) > 0);
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

test('killed while subscriptions are extended and enlarged, every order is finished after the restart, and none twice', async () => {
  const made = await issue(4);
  const keys = await issue(8);
  const { dataDirectory } = perennial;
  for (const [index, { key }] of made.entries()) await redeem('longer', key, { subscriptionId: `s${index}` });
  const order = (index: number): Promise<Answer> =>
    redeem(
      'longer',
      keys[index]?.key ?? '',
      { subscriptionId: `s${index % 4}`, mode: index < 4 ? 'extend' : 'add-seats' },
      `more-${index}`,
    );
  const asked = keys.map((_, index) => order(index));
  await Promise.any(asked);
  await perennial.kill();
  await Promise.allSettled(asked);
  perennial = await startPerennial({ dataDirectory });
  await until('no order is left half done', async () => {
    const rows = await Promise.all(keys.map(({ last5 }) => perennial.get(`/product-keys/${last5}`)));
    return rows.every(({ body }) => body.status !== 'reserved');
  });
  for (const index of keys.keys()) assert.is((await order(index)).status, 200);
  for (const index of made.keys()) {
    const { body } = await perennial.get(`/tenants/longer/subscriptions/s${index}/history`);
    const types = (body.events as readonly Json[]).map(({ type }) => String(type));
    assert.is(types.filter((type) => type === 'ProductKeyApplied').length, 3);
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
