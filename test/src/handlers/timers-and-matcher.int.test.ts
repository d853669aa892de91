import {
  itemsToApply,
  nextDeadline,
  parseStream,
  evolvePayment,
  initialPayment,
  type PaymentState,
} from '@perennial/domain';
import {
  startIntake,
  startMatcher,
  startTimers,
  type DueDeadline,
  type DueDeadlines,
  type MatchablePayments,
  type Role,
} from '@perennial/handlers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngines, type Engines } from './engines.ts';
import { openWriteSide, type WriteSide } from './write-side.ts';

const test = suite('timers and matcher');
let engines: Engines;
let side: WriteSide;
const roles: Role[] = [];

test.before(async () => {
  engines = await startEngines();
  side = await openWriteSide(engines);
});
test.after.each(async () => {
  await Promise.all(roles.splice(0).map((role) => role.stop()));
});
test.after(async () => {
  await side.stop();
  await engines.stop();
});

/** Starts nothing by itself for a long time: the tests drive the barriers. */
const still = { pollIntervalMs: 600_000 };

function startIntakeHere() {
  const { broker, store } = engines;
  const intake = startIntake({ broker, store, commands: side.commands, clock: side.clock });
  roles.push(intake);
  return intake;
}

/** What the read side would answer, read from the log instead. */
async function streamNames(prefix: string): Promise<string[]> {
  const names = new Set<string>();
  for await (const { event } of engines.store.readAll({ streamPrefixes: [prefix] })) names.add(event.stream);
  return [...names];
}

const pendingFor = new Set<string>();
const due: DueDeadlines = {
  dueBefore: async (now, limit, after) => {
    const found: DueDeadline[] = [];
    for (const name of await streamNames('subscription-')) {
      const identity = parseStream(name);
      if (identity?.kind !== 'subscription') continue;
      const { tenant, subscriptionId } = identity;
      const header = await side.commands.load(tenant, subscriptionId);
      const deadline = header && nextDeadline(header);
      if (deadline && deadline.at <= now) found.push({ tenant, subscriptionId, ...deadline });
    }
    const key = (row: DueDeadline) => `${row.at} ${row.tenant} ${row.subscriptionId}`;
    const sorted = found.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
    return sorted
      .filter((row) => !after || key(row) > `${after.at} ${after.tenant} ${after.subscriptionId}`)
      .slice(0, limit);
  },
  paymentsPending: async (tenant, subscriptionId) => pendingFor.has(`${tenant}/${subscriptionId}`),
};

const links = new Map<string, { tenant: string; subscriptionId: string }>();

async function paymentState(stream: string): Promise<PaymentState> {
  let state = initialPayment;
  // Only payment events are in payment streams.
  for await (const event of engines.store.readStream(stream))
    state = evolvePayment(state, event as Parameters<typeof evolvePayment>[1]);
  return state;
}

async function pairsWhere(wanted: (state: PaymentState) => boolean) {
  const pairs = [];
  for (const paymentStream of await streamNames('payment-')) {
    const identity = parseStream(paymentStream);
    if (identity?.kind !== 'payment') continue;
    const state = await paymentState(paymentStream);
    const refs = [...state.items.values()].map(({ item }) => (item.kind === 'fact' ? item.fact.subscriptionRef : ''));
    const subscription = links.get(refs[0] ?? '') ?? state.matchedTo;
    if (subscription && wanted(state))
      pairs.push({ paymentStream, provider: identity.provider, object: identity.object, ...subscription });
  }
  return pairs;
}

const pairs: MatchablePayments = {
  next: async (limit) =>
    (await pairsWhere((state) => [...state.items.values()].some(({ status }) => status === 'parked'))).slice(0, limit),
  openMatches: async (limit) => (await pairsWhere((state) => itemsToApply(state).length > 0)).slice(0, limit),
};

function startMatcherHere(overrides: Partial<Parameters<typeof startMatcher>[0]> = {}) {
  const matcher = startMatcher({
    pairs,
    store: engines.store,
    commands: side.commands,
    clock: side.clock,
    ...still,
    ...overrides,
  });
  roles.push(matcher);
  return matcher;
}

function startTimersHere(overrides: Partial<Parameters<typeof startTimers>[0]> = {}) {
  const { store, broker } = engines;
  const timers = startTimers({
    due,
    commands: side.commands,
    store,
    broker,
    clock: side.clock,
    ...still,
    ...overrides,
  });
  roles.push(timers);
  return timers;
}

const types = (events: readonly { type: string }[]) => events.map(({ type }) => type);

test('a payment that waited is matched once, applied once, and says so', async () => {
  const id = await side.subscribe('matched');
  await side.pay({ id: 'e-wait', ref: 'sub_1' });
  await startIntakeHere().settled();
  const matcher = startMatcherHere();
  assert.is(await matcher.settle(), 0, 'no link is known yet');
  links.set('sub_1', { tenant: 'acme', subscriptionId: id });
  const [one, two] = await Promise.all([matcher.settle(), startMatcherHere().settle()]);
  assert.ok(one + two >= 1);
  assert.equal(types(await side.paymentEvents('object-e-wait')), [
    'PaymentFactParked',
    'PaymentFactMatched',
    'PaymentFactApplied',
  ]);
  const applied = (await side.events(id)).filter(({ metadata }) => metadata.commandId === 'fact:acmepay:e-wait');
  assert.ok(applied.length > 0);
  assert.is(await matcher.settle(), 0);
});

test('a claim that a crash left open is driven on at the next start, and applies nothing twice', async () => {
  const id = await side.subscribe('crashed');
  await side.pay({ id: 'e-crash', ref: 'sub_2' });
  await startIntakeHere().settled();
  links.set('sub_2', { tenant: 'acme', subscriptionId: id });
  // Dies after the subscription took the payment, before the payment's stream says so.
  const applyFact: WriteSide['commands']['applyFact'] = async (request) => {
    await side.commands.applyFact(request);
    throw new TypeError('killed here');
  };
  const dying = startMatcherHere({ commands: { ...side.commands, applyFact } });
  await dying.settle();
  await dying.stop();
  assert.equal(types(await side.paymentEvents('object-e-crash')), ['PaymentFactParked', 'PaymentFactMatched']);
  const count = (await side.events(id)).length;
  await startMatcherHere().settle();
  assert.equal(types(await side.paymentEvents('object-e-crash')), [
    'PaymentFactParked',
    'PaymentFactMatched',
    'PaymentFactApplied',
  ]);
  assert.is((await side.events(id)).length, count);
});

test('what is due runs until nothing is left, also what the ticks made due, and twice changes nothing', async () => {
  startIntakeHere();
  const ids = await Promise.all(
    Array.from({ length: 7 }, (_, n) => side.subscribe(`timed-${n}`, { recurringBilling: false })),
  );
  await side.clock.advanceTo('2027-08-01T00:00:00.000Z');
  // A page smaller than what is due, and a second sweeper at the same time.
  const sweeps = await Promise.all([
    startTimersHere({ batchCountMax: 3 }).runUntilNoneDue(side.clock.now()),
    startTimersHere({ batchCountMax: 3 }).runUntilNoneDue(side.clock.now()),
  ]);
  assert.ok(sweeps.every(({ waiting }) => waiting === 0));
  for (const id of ids) {
    const events = await side.events(id);
    assert.is((await side.commands.load('acme', id))?.status, 'deleted');
    assert.is(types(events).filter((type) => type === 'SubscriptionExpired').length, 1);
    const expired = events.find(({ type }) => type === 'SubscriptionExpired');
    assert.is(expired?.metadata.effectiveAt, '2027-04-01T00:00:00.000Z');
    assert.is(expired?.metadata.actor.id, 'timers');
  }
});

test('a deletion waits while a payment that names the subscription is parked or quarantined', async () => {
  startIntakeHere();
  const id = await side.subscribe('waiting', { recurringBilling: false });
  const other = await side.subscribe('not-waiting', { recurringBilling: false });
  pendingFor.add(`acme/${id}`);
  await side.clock.advanceTo('2028-08-01T00:00:00.000Z');
  const timers = startTimersHere({ batchCountMax: 1 });
  assert.is((await timers.runUntilNoneDue(side.clock.now())).waiting, 1);
  assert.is((await side.commands.load('acme', id))?.status, 'disabled');
  assert.is((await side.commands.load('acme', other))?.status, 'deleted', 'it does not hide behind the one that waits');
  pendingFor.delete(`acme/${id}`);
  assert.is((await timers.runUntilNoneDue(side.clock.now())).waiting, 0);
  assert.is((await side.commands.load('acme', id))?.status, 'deleted');
});

test('payments stored before a sweep are handled before it: one that came in time keeps the subscription alive', async () => {
  const id = await side.subscribe('saved');
  const until = (await side.commands.load('acme', id))?.termEnd ?? '';
  for (const n of [1, 2]) await side.pay({ id: `e-saved-${n}`, ref: `acme/${id}` });
  await side.clock.advanceTo(new Date(Date.parse(until) + 200 * 86_400_000).toISOString());
  const sweeping = startTimersHere().runUntilNoneDue(side.clock.now());
  startIntakeHere();
  await sweeping;
  const events = await side.events(id);
  const renewed = events.findIndex(({ type }) => type === 'SubscriptionRenewed');
  const deleted = events.findIndex(({ type }) => type === 'SubscriptionDeleted');
  assert.ok(renewed >= 0, 'the payment was seen first');
  assert.ok(deleted > renewed);
});

test.run();
