import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RedeemRequest, RedeemResult } from './product-key-service.ts';
import { Killed, codes, issueOne, removeSecrets, setUp, toRedeem, typesOf } from './testing/key-desk.ts';

const test = suite('product keys on a subscription that is there');
test.after(removeSecrets);

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

test.run();
