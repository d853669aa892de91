import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RedeemResult } from './product-key-service.ts';
import { codes, issueOne, removeSecrets, setUp, several, toRedeem } from './testing/key-desk.ts';

const test = suite('guessing product keys');
test.after(removeSecrets);

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

test.run();
