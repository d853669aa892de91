import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ReadModelBehindError } from '../errors.ts';
import { MemoryLog, type TestEvent } from '../testing/memory-log.ts';
import {
  onDay,
  sampleCatalogueEvents,
  sampleFact,
  samplePayment,
  sampleSeat,
  sampleSubscription,
} from '../testing/sample-log.ts';
import { openTestDatabase, openTestSet, wipe, type TestSet } from '../testing/test-set.ts';
import { createQueries } from './create-queries.ts';
import type { Queries } from './types.ts';

const test = suite('reads');
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let log: MemoryLog;
let set: TestSet;
let queries: Queries;
let now = onDay(1);

test.before(async () => {
  database = await openTestDatabase();
});
test.after(() => database.close());
test.before.each(async () => {
  await wipe(database.sql);
  now = onDay(1);
  log = new MemoryLog();
  set = await openTestSet(database.sql, log);
  queries = createQueries({
    sql: database.sql,
    clock: { now: () => now },
    people: { personIdIfKnown: async (tenant, userId) => (userId === 'nobody' ? undefined : `${tenant}:${userId}`) },
    waitMs: 100,
  });
});

const one = sampleSubscription('acme', 'sub-1');
const two = sampleSubscription('acme', 'sub-2');

async function write(...events: readonly TestEvent[]): Promise<string> {
  await set.writer.write(log.append(...events));
  return set.writer.checkpoint.position.toString();
}

test('every read says up to which position it is complete', async () => {
  assert.is((await queries.subscriptions('acme')).asOfPosition, '0');
  const position = await write(one.created());
  assert.is((await queries.subscriptions('acme')).asOfPosition, position);
  assert.is((await queries.licenses('acme')).asOfPosition, position);
  assert.is((await queries.apps('acme', 'nobody')).asOfPosition, position);
  assert.is((await queries.plans()).asOfPosition, position);
  assert.is((await queries.paymentInbox()).asOfPosition, position);
  assert.is(await queries.watermark(), BigInt(position));
});

test('a read waits for its position, and refuses with a code when it is not reached', async () => {
  const items = log.append(one.created());
  const position = items[0]?.event.position ?? 0n;
  const waiting = queries.subscription('acme', 'sub-1', { minPosition: position });
  await set.writer.write(items);
  assert.is((await waiting)?.status, 'pending');
  try {
    await queries.subscriptions('acme', { minPosition: (position + 1n).toString() });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ReadModelBehindError);
    assert.is(error instanceof ReadModelBehindError && error.code, 'READ_MODEL_BEHIND');
  }
});

test('while there are no tables yet, a read says that it is behind, and answers once there are', async () => {
  await wipe(database.sql);
  const early = createQueries({
    sql: database.sql,
    clock: { now: () => now },
    people: { personIdIfKnown: async () => undefined },
    waitMs: 20,
  });
  try {
    await early.plans();
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ReadModelBehindError);
  }
  set = await openTestSet(database.sql, log);
  assert.equal((await early.plans()).plans, []);
});

test('a subscription is shown to its own tenant only', async () => {
  await write(one.created(), one.activated());
  const found = await queries.subscription('acme', 'sub-1');
  assert.equal(
    [found?.tenant, found?.subscriptionId, found?.planId, found?.status, found?.seats, found?.version],
    ['acme', 'sub-1', 'E3', 'active', { purchased: 10, assigned: 0 }, 1],
  );
  assert.is(await queries.subscription('other', 'sub-1'), undefined);
  assert.equal((await queries.subscriptions('other')).subscriptions, []);
});

test('a deadline that passed is applied on reading, before any timer ran', async () => {
  await write(one.created({ recurringBilling: false }), one.activated(), ...sampleCatalogueEvents('v1', ['E3']));
  await write(one.assigned('acme:alice'));
  now = onDay(200);
  assert.is.not((await queries.subscription('acme', 'sub-1'))?.status, 'active');
  const [row] = (await queries.licenses('acme')).licenses;
  assert.is(row?.enabled, 0);
  assert.equal(
    (await queries.apps('acme', 'alice')).apps.filter(({ access }) => access === 'full'),
    [],
  );
});

test('a list is read in pages that miss nothing', async () => {
  const many = Array.from({ length: 7 }, (_, index) => sampleSubscription('acme', `sub-${index}`).created());
  await write(...many);
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await queries.subscriptions('acme', { limit: 3, after });
    seen.push(...page.subscriptions.map(({ subscriptionId }) => subscriptionId));
    after = page.next;
  } while (after !== undefined);
  assert.equal(seen, ['sub-0', 'sub-1', 'sub-2', 'sub-3', 'sub-4', 'sub-5', 'sub-6']);
});

test('licences and apps of a user come from all subscriptions, and only from their own seats', async () => {
  await write(...sampleCatalogueEvents('v1', ['E3', 'F1']));
  await write(one.created(), one.activated(), one.assigned('acme:alice', ['teams']), one.assigned('acme:bob'));
  await write(two.created({ planId: 'F1' }), two.activated(), two.assigned('acme:alice'));
  const { licenses } = await queries.userLicenses('acme', 'alice');
  assert.equal(
    licenses.map(({ subscriptionId, planId, state, appsOff }) => [subscriptionId, planId, state, appsOff]),
    [
      ['sub-1', 'E3', 'Active', ['teams']],
      ['sub-2', 'F1', 'Active', []],
    ],
  );
  const { apps } = await queries.apps('acme', 'alice');
  const teams = apps.find(({ appId }) => appId === 'teams');
  assert.equal(
    [teams?.access, teams?.because.map(({ subscriptionId }) => subscriptionId)],
    ['full', ['sub-2', 'sub-1']],
  );
  assert.equal((await queries.apps('acme', 'carol')).apps, []);
});

test('a licence says how its person came to it; rows of before that was kept are of licences given directly', async () => {
  await write(one.created(), one.activated(), one.assigned('acme:alice', [], 'group'), one.assigned('acme:bob'));
  const sourceOf = async (user: string) => (await queries.userLicenses('acme', user)).licenses[0]?.source;
  assert.equal([await sourceOf('alice'), await sourceOf('bob')], ['group', 'direct']);
  await database.sql.query(`update ${set.schema}.seats set body = body - 'source'`);
  assert.is(await sourceOf('bob'), 'direct');
});

test('apps that were toggled replace those of the assignment, and devices are counted, whichever stream comes first', async () => {
  const seat = sampleSeat('acme', 'sub-1', 'acme:alice', 2);
  await write(
    ...sampleCatalogueEvents('v1', ['E3']),
    seat.toggled(['word']),
    seat.signedIn('pc'),
    seat.signedIn('mac'),
  );
  await write(
    one.created(),
    one.activated(),
    one.assigned('acme:alice', ['teams']),
    one.assigned('acme:bob', ['teams']),
  );
  await write(seat.signedOut('pc'), seat.signedIn('phone', 'phone', 1));
  assert.equal((await queries.userLicenses('acme', 'alice')).licenses[0]?.appsOff, ['word']);
  assert.equal((await queries.userLicenses('acme', 'bob')).licenses[0]?.appsOff, ['teams']);
  await write(seat.toggled([]));
  const { apps, devices } = await queries.apps('acme', 'alice');
  const word = apps.find(({ appId }) => appId === 'word');
  assert.equal([word?.access, word?.needsSignIn, word?.devices], ['full', false, { used: 2, limit: 15 }]);
  assert.equal(
    devices.map(({ deviceId, kind, subscriptionId }) => [deviceId, kind, subscriptionId]),
    [
      ['phone', 'phone', 'sub-1'],
      ['mac', 'computer', 'sub-1'],
    ],
  );
  const bob = (await queries.apps('acme', 'bob')).apps.find(({ appId }) => appId === 'word');
  assert.equal([bob?.needsSignIn, bob?.devices.used], [true, 0]);
});

test('a licence that was taken away and given again starts afresh: what was done before counts for nothing', async () => {
  const seat = sampleSeat('acme', 'sub-1', 'acme:alice', 2);
  await write(...sampleCatalogueEvents('v1', ['E3']));
  await write(one.created(), one.activated(), one.assigned('acme:alice', ['teams']));
  await write(seat.signedIn('pc'), seat.toggled(['word']), one.unassigned('acme:alice'));
  assert.equal(await queries.apps('acme', 'alice').then(({ apps, devices }) => [apps, devices]), [[], []]);
  await write(one.assigned('acme:alice', ['teams']));
  assert.equal((await queries.userLicenses('acme', 'alice')).licenses[0]?.appsOff, ['teams']);
  assert.equal((await queries.apps('acme', 'alice')).devices, []);
  const again = sampleSeat('acme', 'sub-1', 'acme:alice', 4);
  await write(again.signedIn('mac'));
  assert.equal(
    (await queries.apps('acme', 'alice')).devices.map(({ deviceId }) => deviceId),
    ['mac'],
  );
});

test('plans are those of the catalogue in force; one that was dropped still opens its apps', async () => {
  await write(...sampleCatalogueEvents('v1', ['E3', 'F1']));
  await write(one.created(), one.activated(), one.assigned('acme:alice'));
  assert.equal(
    (await queries.plans()).plans.map(({ planId }) => planId),
    ['E3', 'F1'],
  );
  const [begun, published] = sampleCatalogueEvents('v2', ['F1', 'G1']);
  if (!begun || !published) throw new Error('a publication has two events');
  await write(begun);
  assert.is(await queries.plan('G1'), undefined, 'a publication under way has no effect');
  await write(published);
  assert.equal(
    (await queries.plans()).plans.map(({ planId }) => planId),
    ['F1', 'G1'],
  );
  assert.is((await queries.plan('G1'))?.name, 'Plan G1');
  assert.is((await queries.apps('acme', 'alice')).apps.length, 2);
});

test('what is due comes in order of its instant, in pages', async () => {
  await write(one.created(), one.activated(3), two.created(), two.activated(1));
  assert.equal(await queries.dueBefore(onDay(0), 10), []);
  const due = await queries.dueBefore(onDay(365), 10);
  assert.equal(
    due.map(({ subscriptionId }) => subscriptionId),
    ['sub-2', 'sub-1'],
  );
  assert.is(await queries.nextDue(), due[0]?.at);
  const [first] = due;
  if (first === undefined) throw new Error('something is due');
  assert.equal(await queries.dueBefore(onDay(365), 10, first), due.slice(1));
});

test('a waiting payment and its subscription find each other, whichever came first', async () => {
  const providerRefs = { stripe: { subscription: 'sub_9' } };
  const waiting = samplePayment(sampleFact('in_1', { subscriptionRef: 'sub_9' }));
  const later = samplePayment(sampleFact('in_2', { subscriptionRef: 'sub_9' }));
  await write(waiting.parked());
  assert.equal(await queries.matchable.next(10), []);
  await write(one.created({ providerRefs }), later.parked());
  assert.equal(
    (await queries.matchable.next(10)).map(({ object, tenant, subscriptionId }) => [object, tenant, subscriptionId]),
    [
      ['in_1', 'acme', 'sub-1'],
      ['in_2', 'acme', 'sub-1'],
    ],
  );
  assert.ok(await queries.paymentsPending('acme', 'sub-1'));
  await write(waiting.matched('acme', 'sub-1'), later.matched('acme', 'sub-1'));
  assert.equal(await queries.matchable.next(10), []);
  assert.is((await queries.matchable.openMatches(10)).length, 2);
  assert.ok(await queries.paymentsPending('acme', 'sub-1'), 'matched is not yet applied');
  await write(waiting.applied('acme', 'sub-1'), later.applied('acme', 'sub-1'));
  assert.equal(await queries.matchable.openMatches(10), []);
  assert.not(await queries.paymentsPending('acme', 'sub-1'));
});

test('a refund that names only its charge finds the subscription through the payment that knew both', async () => {
  const refund = samplePayment(sampleFact('re_1', { kind: 'refunded', chargeRef: 'ch_1' }));
  await write(refund.parked(), one.created());
  assert.equal(await queries.matchable.next(10), []);
  await write(one.renewed(30, sampleFact('in_1', { chargeRef: 'ch_1' })));
  assert.equal(
    (await queries.matchable.next(10)).map(({ object }) => object),
    ['re_1'],
  );
});

test('a chain of references is followed: charge to invoice to subscription', async () => {
  const refund = samplePayment(sampleFact('re_1', { kind: 'refunded', chargeRef: 'ch_1' }));
  const between = samplePayment(sampleFact('dp_1', { chargeRef: 'ch_1', invoiceRef: 'in_1' }));
  await write(
    refund.parked(),
    between.parked(),
    one.created(),
    one.renewed(30, sampleFact('in_1', { invoiceRef: 'in_1' })),
  );
  assert.equal(
    (await queries.matchable.next(10)).map(({ object }) => object),
    ['re_1', 'dp_1'],
  );
});

test('a customer with two subscriptions says nothing about which of them is meant', async () => {
  const waiting = samplePayment(sampleFact('py_1', { customerRef: 'cus_1' }));
  const providerRefs = { stripe: { customer: 'cus_1' } };
  await write(waiting.parked(), one.created({ providerRefs }));
  assert.is((await queries.matchable.next(10)).length, 1);
  await write(two.created({ providerRefs }));
  assert.equal(await queries.matchable.next(10), []);
});

test('the inbox shows each payment by its status, and a refund due that only the subscription knows', async () => {
  const parked = samplePayment(sampleFact('in_1', { subscriptionRef: 'sub_9' }));
  const bad = samplePayment(sampleFact('in_2'));
  await write(parked.parked(), bad.quarantined(), one.created(), one.deleted(1));
  await write(one.recorded(sampleFact('in_3', { subscriptionRef: 'acme/sub-1' }), 'refund_due'));
  now = onDay(3);
  const { payments } = await queries.paymentInbox();
  assert.equal(
    payments.map(({ providerEventId, status, subscriptionRef, matchedTo }) => [
      providerEventId,
      status,
      subscriptionRef,
      matchedTo,
    ]),
    [
      ['evt_in_1', 'parked', 'sub_9', undefined],
      ['evt_in_2', 'quarantined', null, undefined],
      ['evt_in_3', 'refund_due', 'acme/sub-1', 'acme/sub-1'],
    ],
  );
  assert.equal(
    payments.map(({ waiting }) => waiting?.attention),
    ['alert', undefined, undefined],
    'it has waited for more than an hour',
  );
  assert.is((await queries.paymentInbox({ status: 'quarantined' })).payments.length, 1);
  const page = await queries.paymentInbox({ limit: 2 });
  const rest = await queries.paymentInbox({ limit: 2, after: page.next });
  assert.equal([...page.payments, ...rest.payments], payments);
});

test.run();
