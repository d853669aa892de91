import { subscriptionStream, type SubscriptionEventData } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RedeemRequest, RedeemResult } from './product-key-service.ts';
import { Killed, by, codes, issueOne, removeSecrets, setUp, toRedeem, typesOf } from './testing/key-desk.ts';

const test = suite('redeeming a product key');
test.after(removeSecrets);

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

test.run();
