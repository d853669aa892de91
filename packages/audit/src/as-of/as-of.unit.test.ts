import {
  appRows,
  availableActions,
  deviceRows,
  licenseRows,
  pagedGet,
  seatActions,
  seatInForce,
  subscriptionView,
  userLicenseRows,
  type HeldSeat,
  type Plan,
} from '@perennial/domain';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openAudit } from '../open-audit.ts';
import { whySentences } from '../why/sentences.ts';
import { loop, plan, step, take, teams, word } from '../testing/random-steps.ts';
import { TestLog, TestSubscription, at, fact } from '../testing/test-log.ts';

const test = suite('as of a valid time, as known at a system time');

test('a renewal paid in time and delivered a day late: active on the 1st, and not known to be (domain.md 7, 3)', async () => {
  const log = new TestLog('2026-06-01');
  log.publish('1', [plan('business', word, teams)]);
  const subscription = TestSubscription.active(log);
  subscription.accept('assign-license', { personId: 'alice' });
  subscription.pay(fact('settled', '2026-06-01', { id: 'in_first' }));
  subscription.tick('2027-06-01');
  log.now = at('2027-06-02T10:00');
  subscription.pay(fact('settled', '2027-05-31T23:59:30', { id: 'in_renewal' }));
  const audit = openAudit({ log, clock: log.clock });
  const noon = at('2027-06-01T12:00');
  const statusOf = async (when: object) => (await audit.subscription(subscription.target, when))?.status;
  assert.is(await statusOf({ at: noon }), 'active');
  assert.is(await statusOf({ at: noon, knownAt: noon }), 'expired');
  assert.is(await statusOf({ knownAt: noon }), 'expired', 'what was known then, of then');
  const person = { tenant: 'acme', personId: 'alice' };
  const reasonOf = async (when: object) => (await audit.apps(person, when)).apps[0]?.because[0]?.reason;
  assert.is(await reasonOf({ at: noon }), 'active');
  assert.is(await reasonOf({ at: noon, knownAt: noon }), 'expired');
  const bucketOf = async (when: object) => (await audit.licenses('acme', when))[0]?.capabilityStatus;
  assert.is(await bucketOf({ at: noon }), 'Enabled');
  assert.is(await bucketOf({ at: noon, knownAt: noon }), 'Warning');
});

test('apps are those of the catalogue in force then', async () => {
  const log = new TestLog('2026-06-01');
  log.publish('1', [plan('business', word)]);
  const subscription = TestSubscription.active(log);
  subscription.accept('assign-license', { personId: 'alice' });
  log.now = at('2026-07-01');
  log.publish('2', [plan('business', word, loop)]);
  log.now = at('2026-08-01');
  log.publish('3', [plan('other', word)]);
  const audit = openAudit({ log, clock: log.clock });
  const appsAt = async (when: object) =>
    (await audit.apps({ tenant: 'acme', personId: 'alice' }, when)).apps.map(({ appId }) => appId);
  assert.equal(await appsAt({ at: at('2026-06-15') }), ['word']);
  assert.equal(await appsAt({ at: at('2026-07-15') }), ['loop', 'word']);
  assert.equal(await appsAt({ at: at('2026-08-15') }), ['loop', 'word'], 'a dropped plan keeps its apps');
});

test('before anything was known there is nothing', async () => {
  const log = new TestLog('2026-06-01');
  const { target } = TestSubscription.active(log);
  const audit = openAudit({ log, clock: log.clock });
  const early = { knownAt: at('2026-05-01') };
  assert.is(await audit.subscription(target, early), undefined);
  assert.is(await audit.actions({ ...target, actor: { type: 'user', id: 'x' }, roles: [] }, early), undefined);
  assert.equal(await audit.licenses('acme', early), []);
  assert.equal((await audit.subscriptions('acme', early, { limit: 10 })).subscriptions, []);
});

test('the list is paged as the live one is, and knows only the tenant', async () => {
  const log = new TestLog('2026-06-01');
  for (const id of ['b', 'a', 'c']) TestSubscription.active(log, {}, id);
  new TestSubscription(log, 'z', 'acme-2').accept('create', { planId: 'business', seats: 1, term: 'P1Y' });
  const audit = openAudit({ log, clock: log.clock });
  const first = await audit.subscriptions('acme', { at: log.now }, { limit: 2 });
  assert.equal(
    first.subscriptions.map(({ subscriptionId }) => subscriptionId),
    ['a', 'b'],
  );
  assert.is(first.next, 'b');
  const second = await audit.subscriptions('acme', { at: log.now }, { limit: 2, after: 'b' });
  assert.equal(
    second.subscriptions.map(({ subscriptionId }) => subscriptionId),
    ['c'],
  );
  assert.is(second.next, undefined);
});

/** What the read models hold: every seat of alice with the newest plan of each name. */
function liveSeats(subscriptions: readonly TestSubscription[], plans: ReadonlyMap<string, Plan>): HeldSeat[] {
  return subscriptions.flatMap((subscription) => {
    const { header, seats } = subscription.state;
    const seat = pagedGet(seats, 'alice');
    if (header === null || seat === undefined) return [];
    const { appsOff, devices } = seatInForce(subscription.seatState('alice').use, seat);
    return [{ seat: { ...seat, appsOff }, devices, header, plan: plans.get(header.planId) ?? null }];
  });
}

test('as of now, as known now: subscriptions, licences, apps and actions are the live ones after every step', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (unsorted) => {
      const log = new TestLog('2027-01-31T10:00');
      const plans = new Map<string, Plan>();
      log.publish('v0', [plan('business', word, teams)]);
      const subscriptions = ['s1', 's2'].map((id) => TestSubscription.active(log, { term: 'P1M' }, id));
      const audit = openAudit({ log, clock: log.clock });
      const start = Date.parse(log.now);
      for (const [index, given] of unsorted.toSorted((a, b) => a.hours - b.hours).entries()) {
        log.now = new Date(start + given.hours * 3_600_000).toISOString();
        const subscription = subscriptions[given.which];
        if (subscription) take(given, subscription, index);
        for (const event of log.events) {
          // The newest publication of each plan, as the read side keeps it.
          if (event.type === 'CataloguePlansAdded') {
            for (const each of (event.data as { plans: readonly Plan[] }).plans) plans.set(each.planId, each);
          }
        }
        await assertLive(audit, subscriptions, plans);
      }
    }),
    { numRuns: 60 },
  );
});

async function assertLive(
  audit: ReturnType<typeof openAudit>,
  subscriptions: readonly TestSubscription[],
  plans: ReadonlyMap<string, Plan>,
): Promise<void> {
  const now = subscriptions[0]?.log.now ?? '';
  const when = { at: now, knownAt: now };
  const headers = subscriptions.map(({ state }) => state.header).filter((header) => header !== null);
  const listed = await audit.subscriptions('acme', when, { limit: 10 });
  assert.equal(
    listed.subscriptions,
    headers.map((header) => subscriptionView(header, now)),
  );
  assert.equal(await audit.licenses('acme', when), licenseRows(headers, now));
  const seats = liveSeats(subscriptions, plans);
  const person = { tenant: 'acme', personId: 'alice' };
  assert.equal(await audit.userLicenses(person, when), userLicenseRows(seats, now));
  assert.equal(await audit.apps(person, when), { apps: appRows(seats, now), devices: deviceRows(seats, now) });
  await assertExplained(audit, appRows(seats, now), when);
  const [first] = subscriptions;
  const header = first?.state.header;
  if (first === undefined || !header) throw new Error('it exists');
  const caller = { actor: { type: 'user', id: 'alice' }, roles: ['license-admin'] };
  const found = await audit.actions({ ...first.target, ...caller }, when);
  const sold = plans.get(header.planId);
  const isSold = first.log.events.findLast(({ type }) => type === 'CataloguePlansAdded')?.data as {
    plans: readonly Plan[];
  };
  const inForce = isSold.plans.some(({ planId }) => planId === header.planId) ? sold : undefined;
  const context = {
    ...first.context(),
    roles: caller.roles,
    actorId: 'alice',
    actorType: 'user',
    newId: '',
    ...(inForce === undefined ? {} : { plan: { ...inForce, apps: inForce.apps.map(({ appId }) => appId) } }),
  };
  const own = { ...context, header, seat: pagedGet(first.state.seats, 'alice') };
  assert.equal(found?.actions, [...availableActions(first.state, context), ...seatActions(own)]);
}

/** What is explained is what the apps are: the same access, by the same subscription. */
async function assertExplained(
  audit: ReturnType<typeof openAudit>,
  apps: ReturnType<typeof appRows>,
  when: { readonly at: string; readonly knownAt: string },
): Promise<void> {
  for (const appId of ['word', 'teams', 'loop', 'nothing']) {
    const row = apps.find((app) => app.appId === appId);
    const why = await audit.why({ tenant: 'acme', personId: 'alice', appId }, when);
    assert.is(why.access, row?.access ?? 'none', appId);
    if (why.access !== 'none') assert.is(why.subscriptionId, row?.because[0]?.subscriptionId);
    assert.ok(why.chain.length > 0);
    assert.is(whySentences(why, { nameOf: () => 'alice' }).length, why.chain.length + 1);
  }
}

test.run();
