import { rmSync, statSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { IssueRequest } from './product-key-service.ts';
import { by, codes, issueOne, removeSecrets, setUp, toRedeem } from './testing/key-desk.ts';

const test = suite('issuing, selling and blocking product keys');
test.after(removeSecrets);

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

test('a secret that is gone makes keys unavailable, never unknown', async () => {
  const { keys, process, secretPath } = setUp();
  const { key } = await issueOne(keys);
  rmSync(secretPath);
  assert.equal(codes(await process().redeem(toRedeem(key))), ['KEY_SERVICE_UNAVAILABLE']);
  const fault: unknown = await issueOne(process()).catch((error: unknown) => error);
  assert.match(String(fault), /put back the file/);
});

test.run();
