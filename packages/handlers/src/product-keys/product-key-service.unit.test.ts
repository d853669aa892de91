import { eventDefinitions, subscriptionStream, type SubscriptionEventData } from '@perennial/domain';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCommandService } from '../command-handling/create-command-service.ts';
import { createTenantService } from '../tenants/tenant-service.ts';
import { createMemoryEventStore, type MemoryEventStore } from '../testing/memory-event-store.ts';
import { createProductKeyService, type ProductKeyServiceOptions } from './create-product-key-service.ts';
import type {
  IssueRequest,
  NewKey,
  ProductKeyService,
  RedeemRequest,
  RedeemResult,
  RedeemSeveralRequest,
} from './product-key-service.ts';

const test = suite('product key service');
const directory = mkdtempSync(join(tmpdir(), 'perennial-keys-'));
test.after(() => rmSync(directory, { recursive: true, force: true }));

const by = { actor: { type: 'user' as const, id: 'alice' }, roles: ['global-admin'], correlationId: 'r1' };
let secretCount = 0;

class Killed extends Error {
  readonly code = 'EVENT_STORE_UNAVAILABLE';
}

function setUp(options: Partial<ProductKeyServiceOptions> = {}) {
  const store = createMemoryEventStore(eventDefinitions);
  let now = '2027-03-01T00:00:00.000Z';
  const clock = { virtual: false, now: () => now, onAdvance: () => () => undefined };
  const secretPath = join(directory, `secret-${(secretCount += 1)}`);
  const tenants = createTenantService({ store, clock });
  const plans = {
    version: () => 'catalogue-1',
    plan: (planId: string) => ({ planId, apps: ['word'], ...(planId === 'small' ? { maxSeats: 10 } : {}) }),
  };
  const vault = {
    userIdOf: async () => undefined,
    encrypt: async (_: unknown, text: string) => `sealed(${text.length})`,
  };
  let ids = 0;
  const newId = () => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}`;
  /** A process of its own: nothing cached, nothing remembered. */
  const process = (): ProductKeyService => {
    const commands = createCommandService({ store, clock, vault, plans, tenants, newId });
    return createProductKeyService({ store, clock, commands, plans, tenants, vault, secretPath, newId, ...options });
  };
  return { store, tenants, process, keys: process(), secretPath, setNow: (to: string) => (now = to), clock };
}

async function issueOne(keys: ProductKeyService, more: Partial<IssueRequest> = {}): Promise<NewKey> {
  const issued = await keys.issue({
    ...by,
    commandId: crypto.randomUUID(),
    offer: { planId: 'SPE_E3', seats: 5, term: 'P1Y' },
    count: 1,
    sold: true,
    ...more,
  });
  if (issued.kind === 'refused' || issued.kind === 'issued-before') throw new Error(JSON.stringify(issued));
  const [key] = issued.keys;
  if (key === undefined) throw new Error('no key was issued');
  return key;
}

const toRedeem = (key: string, more: Partial<RedeemRequest> = {}): RedeemRequest => ({
  ...by,
  tenant: 'acme',
  key,
  mode: 'new',
  create: {},
  commandId: 'c1',
  ...more,
});

const codes = (result: { readonly kind: string }): unknown =>
  'reasonCodes' in result ? result.reasonCodes : result.kind;
const typesOf = (store: MemoryEventStore, prefix: string): string[] =>
  store.log.filter(({ stream }) => stream.startsWith(prefix)).map(({ type }) => type);

test('a key opens a new, active subscription of its plan, seats and term', async () => {
  const { keys, store } = setUp();
  const { key } = await issueOne(keys);
  const result = await keys.redeem(toRedeem(key, { subscriptionId: 's1' }));
  assert.is(result.kind === 'accepted' && result.status, 'active');
  assert.equal(typesOf(store, 'productKey-'), ['KeyIssued', 'KeySold', 'KeyReserved', 'KeyRedeemed']);
  const [created] = store.log.filter(({ stream }) => stream === subscriptionStream('acme', 's1'));
  assert.ok(created);
  // Validated by the store against the schema of its type.
  const { planId, seats, term, recurringBilling } = created.data as SubscriptionEventData<'SubscriptionCreated'>;
  assert.equal([planId, seats, term, recurringBilling], ['SPE_E3', 5, 'P1Y', false]);
});

test('the key is in no event, and neither is the secret', async () => {
  const { keys, store, secretPath } = setUp();
  const { key, last5 } = await issueOne(keys);
  await keys.redeem(toRedeem(key));
  const log = JSON.stringify(store.log, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  assert.not.match(log, new RegExp(key.slice(0, 11)));
  assert.not.match(log, new RegExp(key.replaceAll('-', '').slice(0, 10)));
  assert.match(log, new RegExp(`"${last5}"`));
  assert.is(statSync(secretPath).mode & 0o777, 0o600);
});

test('the same command again answers the same, and changes nothing', async () => {
  const { keys, store, process } = setUp();
  const { key } = await issueOne(keys);
  const first = await keys.redeem(toRedeem(key));
  const count = store.log.length;
  const again = await process().redeem(toRedeem(` ${key.toLowerCase().replaceAll('-', '–')}`));
  assert.equal(again, { ...first, kind: 'repeated' });
  assert.is(store.log.length, count);
  assert.equal(codes(await keys.redeem(toRedeem(key, { subscriptionId: 'other' }))), ['COMMAND_ID_REUSED']);
});

test('a second redemption is told that the key is gone, and whose it is only as far as it may know', async () => {
  const { keys } = setUp();
  const { key } = await issueOne(keys);
  await keys.redeem(toRedeem(key));
  const whose = async (more: Partial<RedeemRequest>): Promise<unknown> => {
    const result = await keys.redeem(toRedeem(key, { commandId: 'c2', ...more }));
    assert.equal(codes(result), ['KEY_ALREADY_REDEEMED']);
    return result.kind === 'refused' ? result.redeemedBy : undefined;
  };
  assert.is(await whose({}), 'you');
  assert.is(await whose({ actor: { type: 'user', id: 'bob' } }), 'your_organisation');
  assert.is(await whose({ tenant: 'globex' }), 'another');
});

test('a typing error is told from an unknown key, and is not worth a look into the log', async () => {
  const { keys, store } = setUp();
  const { key } = await issueOne(keys);
  const reads = store.readCount;
  assert.equal(codes(await keys.redeem(toRedeem(key.replace(/^./, key.startsWith('3') ? '4' : '3')))), [
    'KEY_MALFORMED',
  ]);
  assert.is(store.readCount, reads);
  const other = await issueOne(setUp().keys);
  assert.equal(codes(await keys.redeem(toRedeem(other.key))), ['KEY_NOT_FOUND']);
});

test('both sides say all that they have against an order, and nothing is left behind', async () => {
  const { keys, store, tenants } = setUp();
  const { key } = await issueOne(keys, {
    offer: { planId: 'small', seats: 11, term: 'P1Y', family: 'consumer' },
    countries: ['NL'],
    sold: false,
  });
  await tenants.describeTenant('acme', { country: 'DE' }, { ...by, actor: { ...by.actor, roles: [] }, commandId: 'd' });
  const count = store.log.length;
  const result = await keys.redeem(toRedeem(key, { roles: ['license-admin'] }));
  assert.equal(codes(result), [
    'KEY_WRONG_PRODUCT_FAMILY',
    'REGION_NOT_ALLOWED',
    'KEY_SEATS_EXCEED_OFFER_MAX',
    'KEY_NOT_ACTIVATED_BY_SELLER',
    'NOT_BILLING_ADMIN',
  ]);
  assert.ok(result.kind === 'refused' && result.remedies.some(({ text }) => text.en.includes('allows 10 seats')));
  await keys.close();
  assert.equal(
    store.log.slice(count).map(({ stream, type }) => [stream, type]),
    [['attempts-acme_=5Fproduct-keys', 'CommandRefused']],
  );
});

test('a key whose time is over says so in the log, as of its own instant', async () => {
  const { keys, store, setNow } = setUp();
  const { key, keyId } = await issueOne(keys, { expiresAt: '2027-04-01T00:00:00.000Z' });
  assert.is(await keys.driveOn(keyId), false);
  setNow('2027-05-01T00:00:00.000Z');
  assert.equal(codes(await keys.redeem(toRedeem(key))), ['KEY_EXPIRED']);
  const expired = store.log.find(({ type }) => type === 'KeyExpired');
  assert.is(expired?.metadata.effectiveAt, '2027-04-01T00:00:00.000Z');
  const other = await issueOne(keys, { expiresAt: '2027-06-01T00:00:00.000Z' });
  setNow('2027-07-01T00:00:00.000Z');
  assert.is(await keys.driveOn(other.keyId), true);
  assert.is(await keys.driveOn(other.keyId), false);
});

test('sold at the till it works; blocked it does not', async () => {
  const { keys, store } = setUp();
  const { key, keyId } = await issueOne(keys, { sold: false });
  assert.equal(codes(await keys.redeem(toRedeem(key))), ['KEY_NOT_ACTIVATED_BY_SELLER']);
  assert.is((await keys.sell({ ...by, commandId: 's', name: { key }, seller: 'shop-1' })).kind, 'accepted');
  assert.is((await keys.block({ ...by, commandId: 'b', name: { keyId }, reason: 'card stolen' })).kind, 'accepted');
  assert.is(store.log.at(-1)?.metadata.reason, 'sealed(11)');
  assert.equal(codes(await keys.redeem(toRedeem(key))), ['KEY_BLOCKED']);
  assert.equal(codes(await keys.sell({ ...by, commandId: 's2', name: { key: 'nonsense' } })), ['KEY_MALFORMED']);
});

test('an order of keys can be repeated while its answer may be lost, and issues nothing more', async () => {
  const { keys, store, process, setNow } = setUp();
  const order: IssueRequest = {
    ...by,
    commandId: 'lot-1',
    offer: { planId: 'SPE_E3', seats: 5, term: 'P1Y' },
    count: 3,
    sold: true,
  };
  const first = await keys.issue(order);
  const count = store.log.length;
  const again = await process().issue(order);
  assert.equal(again, { ...first, kind: 'repeated' });
  assert.is(store.log.length, count);
  assert.equal(codes(await keys.issue({ ...order, count: 4 })), ['COMMAND_ID_REUSED']);
  const other = await keys.issue({ ...order, commandId: 'lot-2' });
  assert.ok(first.kind === 'issued' && other.kind === 'issued');
  assert.is(new Set([...first.keys, ...other.keys].map(({ key }) => key)).size, 6);
  setNow('2027-03-01T02:00:00.000Z');
  assert.is((await keys.issue(order)).kind, 'issued-before');
});

test('redeemed in the same instant by two tenants: one has it, and the other nothing', async () => {
  const { keys, store, process } = setUp();
  const processes = [keys, process()];
  for (let round = 0; round < 60; round += 1) {
    const { key, keyId } = await issueOne(keys);
    const before = store.log.length;
    const results = await Promise.all(
      ['acme', 'globex'].map((tenant, index) =>
        // Every third round in one process, else in two.
        (processes[round % 3 === 0 ? 0 : index] ?? keys).redeem(toRedeem(key, { tenant, commandId: `round-${round}` })),
      ),
    );
    assert.equal(results.map(codes).map(String).sort(), ['KEY_ALREADY_REDEEMED', 'accepted'], JSON.stringify(results));
    const since = store.log.slice(before);
    assert.is(since.filter(({ type }) => type === 'KeyRedeemed').length, 1);
    assert.is(since.filter(({ type }) => type === 'SubscriptionCreated').length, 1);
    assert.ok(since.some(({ stream }) => stream === `productKey-${keyId}`));
    const loser = results[0]?.kind === 'refused' ? 'acme' : 'globex';
    assert.not.ok(since.some(({ stream }) => stream.startsWith(`subscription-${loser}_`)));
  }
});

test('killed at any append, the order is finished by whoever comes next, and done once', async () => {
  // Reserve, create, activate, redeem: one append each.
  for (let survived = 0; survived <= 4; survived += 1) {
    const { keys, store, process } = setUp();
    const { key, keyId } = await issueOne(keys);
    let appends = 0;
    store.beforeAppend = () => {
      appends += 1;
      if (appends > survived) throw new Killed('killed');
    };
    const answer = await keys.redeem(toRedeem(key));
    assert.equal(codes(answer), survived < 4 ? ['KEY_SERVICE_UNAVAILABLE'] : 'accepted');
    store.beforeAppend = () => undefined;
    const restarted = process();
    assert.is(await restarted.driveOn(keyId), survived > 0 && survived < 4, `after ${survived} appends`);
    assert.is(await restarted.driveOn(keyId), false);
    const again = await restarted.redeem(toRedeem(key));
    assert.is(again.kind, survived === 0 ? 'accepted' : 'repeated');
    assert.is(again.kind !== 'refused' && 'status' in again && again.status, 'active');
    assert.equal(typesOf(store, 'productKey-'), ['KeyIssued', 'KeySold', 'KeyReserved', 'KeyRedeemed']);
    assert.equal(typesOf(store, 'subscription-'), [
      'SubscriptionCreated',
      'ProductKeyApplied',
      'SubscriptionActivated',
    ]);
    assert.equal(codes(await restarted.redeem(toRedeem(key, { tenant: 'globex' }))), ['KEY_ALREADY_REDEEMED']);
  }
});

test('an order that was left half done is finished for its owner before another is told that the key is gone', async () => {
  const { keys, store, process } = setUp();
  const { key } = await issueOne(keys);
  let appends = 0;
  store.beforeAppend = () => {
    if ((appends += 1) > 1) throw new Killed('killed');
  };
  await keys.redeem(toRedeem(key));
  store.beforeAppend = () => undefined;
  assert.equal(codes(await process().redeem(toRedeem(key, { tenant: 'globex' }))), ['KEY_ALREADY_REDEEMED']);
  assert.equal(typesOf(store, 'subscription-acme').length, 3);
  assert.equal(typesOf(store, 'subscription-globex').length, 0);
});

test('extends and enlarges the subscription that is named, and refuses what does not fit before anything is reserved', async () => {
  const { keys, store } = setUp();
  const extend = (key: string, commandId: string, more: Partial<RedeemRequest> = {}): Promise<RedeemResult> => {
    const { create: _, ...request } = toRedeem(key, { subscriptionId: 's1', commandId, mode: 'extend', ...more });
    return keys.redeem(request);
  };
  const offer = { planId: 'SPE_E3', seats: 5, term: 'P1Y' } as const;
  await keys.redeem(toRedeem((await issueOne(keys)).key, { subscriptionId: 's1' }));
  const second = (await issueOne(keys)).key;
  assert.equal(codes(await extend(second, 'x0', { dryRun: true })), 'accepted');
  assert.equal(codes(await extend(second, 'x1', { expectedVersion: 0 })), 'version-conflict');
  assert.equal(codes(await extend(second, 'x1', { subscriptionId: 'nowhere' })), 'not-found');
  assert.not.ok(typesOf(store, 'productKey-').includes('KeyReleased'));
  assert.equal(codes(await extend(second, 'x1')), 'accepted');
  assert.equal(codes(await extend(second, 'x2')), ['KEY_ALREADY_REDEEMED']);
  assert.equal(codes(await extend((await issueOne(keys)).key, 'x3', { mode: 'add-seats' })), 'accepted');
  const other = await issueOne(keys, { offer: { ...offer, planId: 'SPE_E5' } });
  assert.equal(codes(await extend(other.key, 'x4')), ['KEY_PLAN_MISMATCH']);
  const long = await issueOne(keys, { offer: { ...offer, term: 'P3Y', seats: 50 } });
  assert.equal(codes(await extend(long.key, 'x5')), ['EXTENSION_CAP_REACHED']);
  assert.equal(
    codes(await keys.redeem(toRedeem(other.key, { subscriptionId: 's1', commandId: 'x6' }))),
    'already-exists',
  );
  assert.equal(typesOf(store, 'productKey-').filter((type) => type === 'KeyReserved').length, 3);
});

test('two at once extend one subscription with two keys: both count', async () => {
  const { keys, process } = setUp();
  await keys.redeem(toRedeem((await issueOne(keys)).key, { subscriptionId: 's1' }));
  const more = await Promise.all([issueOne(keys), issueOne(keys)]);
  const results = await Promise.all(
    more.map(({ key }, index) => {
      const { create: _, ...request } = toRedeem(key, { subscriptionId: 's1', commandId: `e${index}`, mode: 'extend' });
      return (index === 0 ? keys : process()).redeem(request);
    }),
  );
  assert.equal(results.map(codes), ['accepted', 'accepted']);
  const versions = results.map((result) => (result.kind === 'accepted' ? result.version : 0));
  assert.is(Math.max(...versions), 4);
});

test('refused by the subscription after all, the key is released and good for another order', async () => {
  const { keys, store, process } = setUp();
  const { key } = await issueOne(keys);
  // Somebody takes the id between the question and the reservation.
  let appends = 0;
  store.beforeAppend = async () => {
    appends += 1;
    if (appends !== 1) return;
    const other = await issueOne(process());
    await process().redeem(toRedeem(other.key, { subscriptionId: 's1', commandId: 'faster' }));
  };
  assert.is((await keys.redeem(toRedeem(key, { subscriptionId: 's1' }))).kind, 'already-exists');
  const released = store.log.find(({ type }) => type === 'KeyReleased');
  assert.ok(released);
  // As above.
  assert.equal((released.data as { reasonCodes: string[] }).reasonCodes, ['ALREADY_EXISTS']);
  const again: RedeemResult = await keys.redeem(toRedeem(key, { subscriptionId: 's2', commandId: 'c2' }));
  assert.is(again.kind, 'accepted');
});

test('the same command id for another key, or after another command, is no other order', async () => {
  const { keys } = setUp();
  const [first, second] = [await issueOne(keys), await issueOne(keys)];
  const extend = (key: string): Promise<RedeemResult> => {
    const { create: _, ...request } = toRedeem(key, { subscriptionId: 's1', commandId: 'x', mode: 'extend' });
    return keys.redeem(request);
  };
  await keys.redeem(toRedeem((await issueOne(keys)).key, { subscriptionId: 's1' }));
  assert.equal(codes(await extend(first.key)), 'accepted');
  assert.equal(codes(await extend(second.key)), ['COMMAND_ID_REUSED']);
  assert.equal(codes(await extend(first.key)), 'repeated');
  assert.equal(codes(await keys.redeem(toRedeem(second.key, { subscriptionId: 's1' }))), ['COMMAND_ID_REUSED']);
});

test('a dry run says what the order does, with nothing appended', async () => {
  const { keys, store } = setUp();
  const { key } = await issueOne(keys);
  const count = store.log.length;
  const dry = await keys.redeem(toRedeem(key, { dryRun: true, subscriptionId: 's1' }));
  assert.is(store.log.length, count);
  const real = await keys.redeem(toRedeem(key, { subscriptionId: 's1' }));
  const told = (result: RedeemResult): unknown =>
    result.kind === 'accepted' && [result.status, result.version, result.events.map(({ type }) => type)];
  assert.equal(told(dry), told(real));
  assert.equal(told(real), ['active', 2, ['SubscriptionCreated', 'ProductKeyApplied', 'SubscriptionActivated']]);
});

const several = (typed: readonly string[], more: Partial<RedeemSeveralRequest> = {}): RedeemSeveralRequest => {
  const { key: _, ...request } = toRedeem('', { subscriptionId: 's1' });
  return { ...request, keys: typed, ...more };
};

async function issueSome(keys: ProductKeyService, count: number, more: Partial<IssueRequest> = {}): Promise<string[]> {
  const issued = await Promise.all(Array.from({ length: count }, () => issueOne(keys, more)));
  return issued.map(({ key }) => key);
}

test('several keys of one order: the first opens the subscription, the others add their seats', async () => {
  const { keys, store, process } = setUp();
  const typed = await issueSome(keys, 3);
  const dry = await keys.redeemSeveral(several(typed, { dryRun: true }));
  assert.is(typesOf(store, 'subscription-').length, 0);
  const result = await keys.redeemSeveral(several(typed));
  assert.equal(
    result.keys.map(({ redeemed }) => redeemed),
    [true, true, true],
  );
  assert.ok(result.kind === 'accepted' && dry.kind === 'accepted');
  assert.equal([result.status, result.version, result.events.length], ['active', dry.version, dry.events.length]);
  assert.equal(typesOf(store, 'subscription-').slice(-2), ['ProductKeyApplied', 'ProductKeyApplied']);
  const again = await process().redeemSeveral(several(typed));
  assert.equal([again.kind, again.keys], ['repeated', result.keys]);
  assert.is(typesOf(store, 'subscription-').length, 5);
  assert.equal(codes(await keys.redeemSeveral(several(typed.toReversed()))), ['KEY_ALREADY_REDEEMED']);
});

test('one key that cannot be redeemed refuses the whole order, which says of each why, and does nothing', async () => {
  const { keys, store } = setUp();
  const [good = '', used = ''] = await issueSome(keys, 2);
  const [later = ''] = await issueSome(keys, 1, { offer: { planId: 'SPE_E3', seats: 5, term: 'P3Y' } });
  const [other = ''] = await issueSome(keys, 1, { offer: { planId: 'SPE_E5', seats: 5, term: 'P1Y' } });
  const [unsold = ''] = await issueSome(keys, 1, { sold: false });
  await keys.redeem(toRedeem(used, { subscriptionId: 'before', commandId: 'before' }));
  const count = store.log.length;
  const refusals: readonly (readonly [readonly string[], readonly (readonly string[])[]])[] = [
    [
      [good, good.toLowerCase()],
      [[], ['KEY_ALREADY_ENTERED']],
    ],
    [
      [good, 'nonsense'],
      [[], ['KEY_MALFORMED']],
    ],
    [
      [good, used],
      [[], ['KEY_ALREADY_REDEEMED']],
    ],
    [
      [unsold, used],
      [['KEY_NOT_ACTIVATED_BY_SELLER'], ['KEY_ALREADY_REDEEMED']],
    ],
    [
      [good, other],
      [[], ['KEY_PLAN_MISMATCH']],
    ],
    [
      [good, later],
      [[], ['KEY_PLAN_MISMATCH']],
    ],
  ];
  for (const [typed, expected] of refusals) {
    const result = await keys.redeemSeveral(several(typed));
    assert.equal(
      result.keys.map(({ reasonCodes }) => reasonCodes),
      expected,
    );
    assert.ok(result.kind === 'refused' && result.remedies.length > 0);
    assert.not.ok(result.keys.some(({ redeemed }) => redeemed));
  }
  await keys.close();
  assert.ok(store.log.slice(count).every(({ type }) => type === 'CommandRefused'));
  assert.is((await keys.redeemSeveral(several([good, used]))).keys[1]?.redeemedBy, 'you');
});

test('what keys come to together is asked before the first: seats above the offer, time beyond the cap', async () => {
  const { keys, store } = setUp();
  const small = await issueSome(keys, 3, { offer: { planId: 'small', seats: 4, term: 'P1Y' } });
  const tooMany = await keys.redeemSeveral(several(small));
  assert.equal(
    [codes(tooMany), tooMany.keys[2]?.reasonCodes],
    [['KEY_SEATS_EXCEED_OFFER_MAX'], ['KEY_SEATS_EXCEED_OFFER_MAX']],
  );
  await keys.redeemSeveral(several(small.slice(0, 2)));
  const long = await issueSome(keys, 3, { offer: { planId: 'small', seats: 8, term: 'P3Y' } });
  const { create: _, ...extend } = several(long, { mode: 'extend', commandId: 'more' });
  const tooFar = await keys.redeemSeveral(extend);
  assert.equal(
    [codes(tooFar), tooFar.keys.map(({ redeemed }) => redeemed)],
    [['EXTENSION_CAP_REACHED'], [false, false, false]],
  );
  assert.is(typesOf(store, 'productKey-').filter((type) => type === 'KeyRedeemed').length, 2);
});

test('an order that was interrupted goes on where it stopped when it is repeated', async () => {
  for (let survived = 0; survived <= 6; survived += 1) {
    const { keys, store, process } = setUp();
    const typed = await issueSome(keys, 2);
    let appends = 0;
    store.beforeAppend = () => {
      appends += 1;
      if (appends > survived) throw new Killed('killed');
    };
    assert.equal(codes(await keys.redeemSeveral(several(typed))), ['KEY_SERVICE_UNAVAILABLE'], String(survived));
    store.beforeAppend = () => undefined;
    const again = await process().redeemSeveral(several(typed));
    assert.ok(again.kind === 'accepted' || again.kind === 'repeated');
    assert.equal(
      again.keys.map(({ redeemed }) => redeemed),
      [true, true],
    );
    assert.equal(typesOf(store, 'subscription-'), [
      'SubscriptionCreated',
      'ProductKeyApplied',
      'SubscriptionActivated',
      'ProductKeyApplied',
    ]);
  }
});

test('extended or enlarged in the same instant with one key: one subscription has it, and the other nothing', async () => {
  const { keys, store, process } = setUp();
  const processes = [keys, process()];
  for (const mode of ['extend', 'add-seats'] as const) {
    for (let round = 0; round < 20; round += 1) {
      const targets = ['acme', 'globex'].map((tenant) => ({ tenant, subscriptionId: `${mode}-${round}` }));
      for (const target of targets) {
        await keys.redeem(toRedeem((await issueOne(keys)).key, { ...target, commandId: `made-${mode}-${round}` }));
      }
      const { key } = await issueOne(keys);
      const before = store.log.length;
      const results = await Promise.all(
        targets.map((target, index) => {
          const { create: _, ...request } = toRedeem(key, { ...target, mode, commandId: `x-${mode}-${round}` });
          return (processes[round % 3 === 0 ? 0 : index] ?? keys).redeem(request);
        }),
      );
      assert.equal(results.map(codes).map(String).sort(), ['KEY_ALREADY_REDEEMED', 'accepted']);
      const applied = store.log.slice(before).filter(({ type }) => type === 'ProductKeyApplied');
      assert.is(applied.length, 1);
    }
  }
});

test('killed at any append of an extension, it is finished by whoever comes next, and done once', async () => {
  for (const mode of ['extend', 'add-seats'] as const) {
    // Reserve, apply, redeem: one append each.
    for (let survived = 0; survived <= 3; survived += 1) {
      const { keys, store, process } = setUp();
      await keys.redeem(toRedeem((await issueOne(keys)).key, { subscriptionId: 's1', commandId: 'made' }));
      const { key, keyId } = await issueOne(keys);
      const { create: _, ...request } = toRedeem(key, { subscriptionId: 's1', mode });
      let appends = 0;
      store.beforeAppend = () => {
        appends += 1;
        if (appends > survived) throw new Killed('killed');
      };
      assert.equal(codes(await keys.redeem(request)), survived < 3 ? ['KEY_SERVICE_UNAVAILABLE'] : 'accepted');
      store.beforeAppend = () => undefined;
      const restarted = process();
      assert.is(await restarted.driveOn(keyId), survived > 0 && survived < 3, `after ${survived} appends`);
      assert.is((await restarted.redeem(request)).kind, survived === 0 ? 'accepted' : 'repeated');
      assert.is(typesOf(store, 'subscription-').filter((type) => type === 'ProductKeyApplied').length, 2);
      assert.is(typesOf(store, 'productKey-').filter((type) => type === 'KeyRedeemed').length, 2);
    }
  }
});

test('a tenant cannot guess faster by taking other names', async () => {
  const guessLimit = { wrongCountMax: 3, tenantWrongCountMax: 5, windowMs: 60_000, elapsedMs: () => 0 };
  const { keys } = setUp({ guessLimit });
  const wrong = (await issueOne(setUp().keys)).key;
  const guess = (id: string, tenant = 'acme'): Promise<RedeemResult> =>
    keys.redeem(toRedeem(wrong, { tenant, actor: { type: 'user', id } }));
  for (let index = 0; index < 5; index += 1) assert.equal(codes(await guess(`name-${index}`)), ['KEY_NOT_FOUND']);
  assert.equal(codes(await guess('another name')), ['RATE_LIMITED']);
  assert.equal(codes(await keys.redeemSeveral(several([wrong]))), ['RATE_LIMITED']);
  assert.equal(codes(await guess('another name', 'globex')), ['KEY_NOT_FOUND']);
});

test('guessing is slowed down, for the guesser only and only for a while', async () => {
  let elapsed = 0;
  const { keys } = setUp({ guessLimit: { wrongCountMax: 3, windowMs: 60_000, elapsedMs: () => elapsed } });
  const { key } = await issueOne(keys);
  const wrong = (await issueOne(setUp().keys)).key;
  for (let guess = 0; guess < 3; guess += 1) {
    assert.equal(codes(await keys.redeem(toRedeem(wrong))), ['KEY_NOT_FOUND']);
    elapsed += 1_000;
  }
  const limited = await keys.redeem(toRedeem(key));
  assert.equal(codes(limited), ['RATE_LIMITED']);
  assert.is(limited.kind === 'refused' && limited.retryAfterSeconds, 57);
  assert.is((await keys.redeem(toRedeem(key, { tenant: 'globex' }))).kind, 'accepted');
  elapsed += 57_000;
  assert.equal(codes(await keys.redeem(toRedeem(key))), ['KEY_ALREADY_REDEEMED']);
});

test('a secret that is gone makes keys unavailable, never unknown', async () => {
  const { keys, process, secretPath } = setUp();
  const { key } = await issueOne(keys);
  rmSync(secretPath);
  assert.equal(codes(await process().redeem(toRedeem(key))), ['KEY_SERVICE_UNAVAILABLE']);
  const fault: unknown = await issueOne(process()).catch((error: unknown) => error);
  assert.match(String(fault), /put back the file/);
});

test.run();
