import type { Plan } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openAudit } from '../open-audit.ts';
import { TestLog, TestSubscription, at, fact } from '../testing/test-log.ts';
import { whySentences } from './sentences.ts';

const test = suite('why a person had, or did not have, an app');

const word = { appId: 'word', name: 'Word', kind: 'desktop' } as const;
const teams = { appId: 'teams', name: 'Teams', kind: 'service' } as const;
const plan = (planId: string, ...apps: Plan['apps']): Plan => ({ planId, name: planId, apps });
const boss = { type: 'user', id: 'person-boss', roles: ['license-admin'] } as const;

function licensed(body: object = {}): { log: TestLog; subscription: TestSubscription } {
  const log = new TestLog('2026-06-01');
  log.publish('1', [plan('business', word, teams), plan('small', word)]);
  const subscription = TestSubscription.active(log, body);
  log.now = at('2026-06-10');
  subscription.accept('assign-license', { personId: 'alice' }, boss);
  return { log, subscription };
}

async function explain(log: TestLog, when: object, { appId = 'word', personId = 'alice' } = {}) {
  const audit = openAudit({ log, clock: log.clock });
  const why = await audit.why({ tenant: 'acme', personId, appId }, when);
  const sentences = whySentences(why, { nameOf: (id) => id.replace('person-', '') });
  return {
    why,
    kinds: why.chain.map(({ kind }) => kind),
    en: sentences.map(({ en }) => en),
    nl: sentences.map(({ nl }) => nl),
  };
}

test('who never had a licence, and who had it only later', async () => {
  const { log } = licensed();
  assert.equal((await explain(log, {}, { personId: 'bob' })).kinds, ['never-assigned']);
  assert.equal((await explain(log, { at: at('2026-06-05') })).kinds, ['assigned-later']);
});

test('full access: who assigned it, and what made the subscription active', async () => {
  const { log } = licensed();
  const { why, kinds, en, nl } = await explain(log, { at: at('2026-07-01') });
  assert.is(why.access, 'full');
  assert.equal(kinds, ['assigned', 'status']);
  assert.equal(en, [
    'On 2026-07-01T00:00:00.000Z, alice had full access to Word (s1).',
    'boss assigned the licence on 2026-06-10T00:00:00.000Z.',
    'The subscription was active since 2026-06-01T00:00:00.000Z, because admin asked for it (activate).',
  ]);
  assert.is(nl[1], 'boss wees de licentie toe op 2026-06-10T00:00:00.000Z.');
});

test('a licence that was taken away', async () => {
  const { log, subscription } = licensed();
  log.now = at('2026-06-20');
  subscription.accept('unassign-license', { personId: 'alice' }, boss);
  assert.equal((await explain(log, {})).kinds, ['unassigned']);
  assert.is((await explain(log, { at: at('2026-06-15') })).why.access, 'full');
});

test('a licence that was moved to another subscription', async () => {
  const { log, subscription } = licensed();
  log.now = at('2026-06-20');
  const data = { personId: 'alice', heldSince: 2, to: { subscriptionId: 's2', revision: 2 } };
  log.append(subscription.stream, [{ type: 'LicenseMoved', data, effectiveAt: log.now }], {
    commandId: 'move',
    actor: boss,
  });
  const { kinds, en, nl } = await explain(log, {});
  assert.equal(kinds, ['moved']);
  assert.is(en[1], 'boss moved the licence to s2 on 2026-06-20T00:00:00.000Z.');
  assert.is(nl[1], 'boss verplaatste de licentie op 2026-06-20T00:00:00.000Z naar s2.');
});

test('an app that was turned off, by whom and when', async () => {
  const { log, subscription } = licensed();
  log.now = at('2026-06-20');
  subscription.seat('alice', 'set-apps-for-assignment', { appsOff: ['teams'] });
  const { why, kinds } = await explain(log, {}, { appId: 'teams' });
  assert.equal(kinds, ['assigned', 'app-off']);
  const off = why.chain[1];
  assert.is(off?.kind === 'app-off' && off.event?.type, 'AppsToggled');
  assert.is((await explain(log, { at: at('2026-06-15') }, { appId: 'teams' })).why.access, 'full');
});

test('a plan that lacks the app, and the change that led to it', async () => {
  const { log, subscription } = licensed();
  log.now = at('2026-06-20');
  subscription.accept('change-plan', { planId: 'small' });
  const { why, kinds, en } = await explain(log, {}, { appId: 'teams' });
  assert.is(why.access, 'none');
  assert.equal(kinds, ['assigned', 'not-in-plan']);
  assert.is(en[2], 'Plan small does not have Teams; the plan was changed on 2026-06-20T00:00:00.000Z.');
});

test('a hold', async () => {
  const { log, subscription } = licensed();
  log.now = at('2026-06-20');
  subscription.accept('suspend');
  const { why, kinds, nl } = await explain(log, {}, { appId: 'teams' });
  assert.is(why.access, 'none');
  assert.equal(kinds, ['assigned', 'held']);
  assert.is(nl[2], 'Het abonnement was opgeschort door admin sinds 2026-06-20T00:00:00.000Z.');
});

test('a status, led back by deadlines to whoever began it; also when no timer has run yet', async () => {
  const { log, subscription } = licensed({ recurringBilling: false });
  log.now = at('2027-08-01');
  const late = await explain(log, {});
  assert.is(late.why.access, 'reduced');
  const lateStatus = late.why.chain[1];
  assert.is(lateStatus?.kind === 'status' && lateStatus.event, null);
  assert.is(
    late.en[2],
    'The subscription was disabled since 2027-07-01T00:00:00.000Z, because the grace period ended.',
  );
  subscription.tick();
  const { why, en } = await explain(log, {});
  const status = why.chain[1];
  assert.is(status?.kind === 'status' && status.event?.type, 'SubscriptionDisabled');
  assert.is(en[2], late.en[2]);
  assert.is(status?.kind === 'status' && status.because.at(-1)?.kind, 'command');
});

test('the better of two subscriptions explains it; what was known then may be another answer', async () => {
  const { log, subscription } = licensed({ recurringBilling: true, term: 'P1M' });
  subscription.pay(fact('settled', '2026-06-10', { id: 'in_first' }));
  subscription.tick('2026-10-15');
  const second = TestSubscription.active(log, {}, 's2');
  second.accept('assign-license', { personId: 'alice' }, boss);
  const { why } = await explain(log, {});
  assert.is(why.access, 'full');
  assert.is(why.subscriptionId, 's2');
  assert.equal(
    why.subscriptions.map(({ subscriptionId, access }) => [subscriptionId, access]),
    [
      ['s2', 'full'],
      ['s1', 'reduced'],
    ],
  );
  assert.is((await explain(log, { at: log.now, knownAt: at('2026-10-14') })).why.subscriptionId, 's1');
});

test('an erased person is named as that', async () => {
  const { log } = licensed();
  const audit = openAudit({ log, clock: log.clock });
  const why = await audit.why({ tenant: 'acme', personId: 'alice', appId: 'word' }, {});
  const [first, second] = whySentences(why, { nameOf: () => undefined });
  assert.match(first?.en ?? '', /an erased person had full access/);
  assert.match(second?.nl ?? '', /^een gewiste persoon wees/);
});

test.run();
