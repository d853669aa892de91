import { attemptsStream, paymentStream, productKeyStream, subscriptionStatuses } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openAudit, type Audit } from '../open-audit.ts';
import { TestLog, TestSubscription, at, fact } from '../testing/test-log.ts';
import type { FindRequest } from './find.ts';

const test = suite('questions to the whole log, page by page');
const alice = { type: 'user', id: 'person-alice', roles: ['license-admin'] } as const;

/** Twelve subscriptions of two tenants in different states. */
function manySubscriptions(): { log: TestLog; audit: Audit } {
  const log = new TestLog('2026-06-01');
  for (let index = 0; index < 12; index += 1) {
    const subscription = new TestSubscription(log, `s${index}`, index % 3 === 0 ? 'other' : 'acme');
    subscription.accept('create', { planId: 'business', seats: 1, term: index % 2 === 0 ? 'P1M' : 'P1Y' });
    if (index > 1) subscription.accept('activate');
    if (index === 5) subscription.accept('cancel-now');
  }
  return { log, audit: openAudit({ log, clock: log.clock }) };
}

async function allInState(
  audit: Audit,
  status: (typeof subscriptionStatuses)[number],
  when: object,
  asked: object = {},
) {
  const found: string[] = [];
  let after: bigint | undefined;
  for (let page = 0; page < 1000; page += 1) {
    const { rows, next } = await audit.inState({ status, limit: 100, after, ...asked }, when);
    found.push(...rows.map(({ tenant, subscriptionId }) => `${tenant}/${subscriptionId}`));
    if (next === null) return found;
    after = next;
  }
  throw new Error('no end');
}

test('who was in a state then, as known then: every subscription is in exactly one, whatever the pages', async () => {
  const { log, audit } = manySubscriptions();
  for (const when of [{}, { at: at('2026-07-15') }, { at: at('2026-09-01'), knownAt: log.now }]) {
    const all: string[] = [];
    for (const status of subscriptionStatuses) {
      const once = await allInState(audit, status, when);
      assert.equal(await allInState(audit, status, when, { limit: 1 }), once, 'in pages of one row');
      assert.equal(await allInState(audit, status, when, { scanCountMax: 2 }), once, 'in stretches of two events');
      for (const name of once) {
        const [tenant = '', subscriptionId = ''] = name.split('/');
        assert.is((await audit.subscription({ tenant, subscriptionId }, when))?.status, status);
      }
      all.push(...once);
    }
    assert.is(new Set(all).size, 12);
    assert.is(all.length, 12);
  }
  assert.equal(await allInState(audit, 'cancelled', {}), ['acme/s5']);
  assert.equal(await allInState(audit, 'pending', {}, { tenant: 'other' }), ['other/s0']);
  assert.equal(await allInState(audit, 'pending', { at: at('2026-05-01') }), []);
});

test('what falls due: each transition once, in order, up to but not including the end', async () => {
  const log = new TestLog('2026-06-01');
  TestSubscription.active(log, { term: 'P1Y', recurringBilling: false });
  const audit = openAudit({ log, clock: log.clock });
  const due = async (from: string, to: string) =>
    (await audit.due({ from: at(from), to: at(to), limit: 10 }, {})).rows.map(({ kind, from: was, to: is }) => [
      kind,
      was,
      is,
    ]);
  assert.equal(await due('2026-06-01', '2028-01-01'), [
    ['term-end', 'active', 'expired'],
    ['grace-end', 'expired', 'disabled'],
    ['retention-end', 'disabled', 'deleted'],
  ]);
  assert.equal(await due('2027-06-01', '2027-07-01'), [['term-end', 'active', 'expired']]);
  assert.equal(await due('2026-06-01', '2027-06-01'), []);
});

/** A log in which everything names everything. */
function eventful(): { log: TestLog; audit: Audit } {
  const log = new TestLog('2026-06-01');
  const subscription = TestSubscription.active(log, {}, 's1');
  subscription.accept('assign-license', { personId: 'person-bob' }, alice);
  subscription.seat('person-bob', 'activate-device', { deviceId: 'd1', kind: 'computer' });
  const refs = { id: 'in_1', chargeRef: 'ch_1', invoiceRef: 'inv_1', paymentRef: 'pi_1' };
  subscription.pay(fact('settled', '2026-06-01', refs));
  log.append(
    paymentStream('stripe', 'in_1'),
    [
      {
        type: 'DuplicateObserved',
        data: { providerEventId: 'evt_copy', level: 'effect', of: 'evt_settled_in_1_2026-06-01' },
        effectiveAt: log.now,
      },
    ],
    { commandId: 'copy', causationId: 'PAYMENTS:2', actor: { type: 'provider', id: 'stripe', roles: [] } },
  );
  log.append(
    attemptsStream('acme', 's1'),
    [
      {
        type: 'CommandRefused',
        data: { ...subscription.target, command: 'activate', reasonCodes: ['X'] },
        effectiveAt: log.now,
      },
    ],
    { commandId: 'again', actor: alice },
  );
  const stranger = new TestSubscription(log, 's1', 'acme-2');
  stranger.accept('create', { planId: 'business', seats: 1, term: 'P1Y' });
  stranger.accept('activate');
  stranger.accept('assign-license', { personId: 'person-bob' });
  return { log, audit: openAudit({ log, clock: log.clock }) };
}

async function typesOf(audit: Audit, asked: Partial<FindRequest>): Promise<string[]> {
  const { entries } = await audit.find({ limit: 100, ...asked });
  return entries.map(({ event }) => event.type);
}

test('events are found by payment, charge, invoice, person, actor, command and id; all criteria must fit', async () => {
  const { log, audit } = eventful();
  const payment = ['PaymentFactRecorded', 'DuplicateObserved'];
  for (const name of ['in_1', 'stripe/in_1']) assert.equal(await typesOf(audit, { payment: name }), payment, name);
  assert.equal(await typesOf(audit, { payment: 'pi_1' }), ['PaymentFactRecorded']);
  assert.equal(await typesOf(audit, { payment: 'evt_copy' }), ['DuplicateObserved']);
  assert.equal(await typesOf(audit, { charge: 'ch_1' }), ['PaymentFactRecorded']);
  assert.equal(await typesOf(audit, { invoice: 'inv_1' }), ['PaymentFactRecorded']);
  assert.equal(await typesOf(audit, { person: 'person-bob' }), [
    'LicenseAssigned',
    'DeviceActivated',
    'LicenseAssigned',
  ]);
  assert.equal(await typesOf(audit, { person: 'person-bob', tenant: 'acme' }), ['LicenseAssigned', 'DeviceActivated']);
  assert.equal(await typesOf(audit, { actor: 'user:person-alice' }), ['LicenseAssigned', 'CommandRefused']);
  assert.equal(await typesOf(audit, { commandId: 'again' }), ['CommandRefused']);
  assert.equal(await typesOf(audit, { eventId: log.events[0]?.id }), ['SubscriptionCreated']);
  assert.equal(await typesOf(audit, { actor: 'user:person-alice', type: 'CommandRefused' }), ['CommandRefused']);
  assert.equal(await typesOf(audit, { payment: 'in_2' }), []);
  assert.equal(await typesOf(audit, { payment: 'in_1', knownAt: at('2026-05-01') }), []);
});

test('the history of a payment is told, also when it named its subscription and has no stream of its own', async () => {
  const { audit } = eventful();
  const asked = { provider: 'stripe', object: 'in_1', limit: 10 };
  const types = (page: { entries: readonly { event: { type: string } }[] }) =>
    page.entries.map(({ event }) => event.type);
  assert.equal(types(await audit.paymentHistory(asked)), ['PaymentFactRecorded', 'DuplicateObserved']);
  const subscription = { tenant: 'acme', subscriptionId: 's1' };
  assert.equal(types(await audit.paymentHistory({ ...asked, subscription })), [
    'PaymentFactRecorded',
    'DuplicateObserved',
  ]);
  assert.equal(types(await audit.paymentHistory({ ...asked, object: 'in_2' })), []);
});

test('the life of a key goes on in the subscription that it was redeemed for', async () => {
  const log = new TestLog('2026-06-01');
  const subscription = TestSubscription.active(log);
  const keyId = 'ab'.repeat(32);
  const reservationId = '00000000-0000-4000-8000-000000000001';
  const offer = { planId: 'business', seats: 3, term: 'P1Y' };
  const write = (type: string, data: object, actor: typeof alice = alice) =>
    log.append(productKeyStream(keyId), [{ type, data, effectiveAt: log.now }], { commandId: log.newId(), actor });
  write('KeyIssued', { keyId, last5: 'ACDEF', ...offer, commandHash: 'h' });
  const order = {
    ...subscription.target,
    mode: 'extend',
    commandId: 'order-1',
    commandHash: 'h',
    actor: { type: 'user', id: alice.id },
    roles: [],
    correlationId: 'c',
  };
  write('KeyReserved', { reservationId, order });
  const applied = { mode: 'extend', keyId, last5: 'ACDEF', ...offer };
  log.append(
    subscription.stream,
    [
      {
        type: 'ProductKeyApplied',
        data: { ...applied, termStart: at('2027-06-01'), termEnd: at('2028-06-01') },
        effectiveAt: log.now,
      },
    ],
    { commandId: 'order-1', actor: alice },
  );
  write('KeyRedeemed', { reservationId, ...subscription.target, mode: 'extend' });
  const audit = openAudit({ log, clock: log.clock });
  const entries = await audit.keyHistory({ keyIds: [keyId] });
  assert.equal(
    entries.map(({ event }) => event.type),
    ['KeyIssued', 'KeyReserved', 'ProductKeyApplied', 'KeyRedeemed'],
  );
  assert.equal(
    entries[2]?.because.map((cause) => (cause.kind === 'event' ? cause.event.type : cause.kind)),
    ['KeyReserved', 'command'],
  );
});

test.run();
