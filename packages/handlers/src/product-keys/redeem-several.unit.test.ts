import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Killed, codes, issueSome, removeSecrets, setUp, several, toRedeem, typesOf } from './testing/key-desk.ts';

const test = suite('several product keys in one order');
test.after(removeSecrets);

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

test.run();
