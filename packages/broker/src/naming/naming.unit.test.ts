import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BrokerError } from '../errors/broker-error.ts';
import { decodePart, encodePart } from './encode-part.ts';
import { partitionOf } from './partition.ts';
import { eventSubject, parkedSubject, parseViewKey, partitionFilter, paymentSubject, viewKey } from './subjects.ts';

const test = suite('subjects and keys');

const codeOf = (action: () => unknown): string => {
  try {
    action();
    return 'accepted';
  } catch (error) {
    assert.instance(error, BrokerError);
    return (error as BrokerError).code;
  }
};

test('a part keeps letters, digits, _ and -, and writes every other byte as =XX', () => {
  assert.is(encodePart('Abc_9-z'), 'Abc_9-z');
  assert.is(encodePart('a.b c=d'), 'a=2Eb=20c=3Dd');
  assert.is(encodePart('é'), '=C3=A9');
  assert.is(encodePart('*>'), '=2A=3E');
});

test('every text comes back from its part', () => {
  for (const text of ['plain', 'a.b', '=2E', 'alice@contoso.com', '日本語', '\u{feff}x', '\u0000', ' ']) {
    assert.is(decodePart(encodePart(text)), text);
  }
});

test('two texts never share a part', () => {
  assert.is.not(encodePart('a.b'), encodePart('a=2Eb'));
});

test('what was not written by us is not read', () => {
  for (const token of ['', 'a.b', '=2e', '=2', '=', 'a=41', '=FF', 'a b']) assert.is(decodePart(token), undefined);
});

test('subjects are those of the contract', () => {
  assert.is(paymentSubject('stripe'), 'billing.payments.v1.stripe');
  assert.is(paymentSubject('my.bank'), 'billing.payments.v1.my=2Ebank');
  assert.is(eventSubject(13, 'SubscriptionActivated'), 'subscriptions.events.v1.13.SubscriptionActivated');
  assert.is(parkedSubject('intake'), 'subscriptions.parked.v1.intake');
  assert.is(partitionFilter(0), 'subscriptions.events.v1.0.>');
});

test('a partition that does not exist and an empty part are refused', () => {
  for (const partition of [-1, 16, 1.5, Number.NaN])
    assert.is(
      codeOf(() => eventSubject(partition, 'X')),
      'SUBJECT_INVALID',
    );
  assert.is(
    codeOf(() => paymentSubject('')),
    'SUBJECT_INVALID',
  );
});

test('a key of views is model, tenant and key, and comes back', () => {
  assert.is(viewKey('available-apps', 'acme', 'alice@x.org'), 'available-apps.acme.alice=40x=2Eorg');
  const row = { model: 'licenses', tenant: 'a.b', key: 'plan/1' };
  assert.equal(parseViewKey(viewKey(row.model, row.tenant, row.key)), row);
});

test('a key with another shape is refused', () => {
  for (const key of ['a.b', 'a.b.c.d', 'a..c', 'a.b.@'])
    assert.is(
      codeOf(() => parseViewKey(key)),
      'VIEW_KEY_INVALID',
    );
});

test('the partition is FNV-1a 32 modulo 16', () => {
  // Published test vectors of FNV-1a 32: '' 0x811c9dc5, 'a' 0xe40c292c, 'foobar' 0xbf9cf968.
  assert.is(partitionOf(''), 0x811c9dc5 % 16);
  assert.is(partitionOf('a'), 0xe40c292c % 16);
  assert.is(partitionOf('foobar'), 0xbf9cf968 % 16);
});

test('keys spread over all partitions', () => {
  const counts = Array.from({ length: 16 }, () => 0);
  for (let i = 0; i < 16_000; i += 1) {
    const partition = partitionOf(`acme/sub-${i}`);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  for (const count of counts) assert.ok(count > 700 && count < 1_300, counts.join(' '));
});

test.run();
