import { eventDefinitions, type Service, type SubscriptionCommand } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCommandService } from '../command-handling/create-command-service.ts';
import { createTenantService } from '../tenants/tenant-service.ts';
import { createMemoryEventStore } from '../testing/memory-event-store.ts';

const test = suite('claims on licences that exclude one another (domain.md 1.8)');

const plans: Readonly<Record<string, { readonly services?: readonly Service[] }>> = {
  team: { services: [{ appId: 'share-1' }] },
  firm: { services: [{ appId: 'share-2', excludes: ['share-1'] }] },
  plain: {},
};

async function setUp() {
  const store = createMemoryEventStore(eventDefinitions);
  let now = '2027-03-01T00:00:00.000Z';
  const clock = { virtual: false, now: () => now, onAdvance: () => () => undefined };
  const read: { subscriptionId: string; planId: string; appsOff: string[] }[] = [];
  const service = () =>
    createCommandService({
      store,
      clock,
      vault: { userIdOf: async () => undefined, encrypt: async (_owner, text) => text },
      plans: { version: () => 'catalogue-1', plan: (planId) => ({ planId, apps: [], ...plans[planId] }) },
      tenants: createTenantService({ store, clock }),
      licenses: { licensesOf: async () => read },
      newId: () => crypto.randomUUID(),
    });
  const commands = service();
  let count = 0;
  const give = (subscriptionId: string, command: SubscriptionCommand, commandId = `c${(count += 1)}`, by = commands) =>
    by.execute({
      tenant: 'acme',
      subscriptionId,
      command,
      commandId,
      actor: { type: 'user', id: 'admin' },
      roles: ['global-admin'],
      correlationId: commandId,
    });
  for (const planId of Object.keys(plans)) {
    const body = { planId, seats: 3, term: 'P1M' as const, zone: 'UTC', profile: 'direct-mosa-2020' };
    const create = { ...body, channel: 'direct' as const, recurringBilling: true, trial: false, providerRefs: {} };
    await give(planId, { name: 'create', body: create });
    await give(planId, { name: 'activate', body: {} });
  }
  const assign = async (id: string, commandId?: string, by = commands) => {
    const result = await give(id, { name: 'assign-license', body: { personId: 'alice', appsOff: [] } }, commandId, by);
    return result.kind === 'refused' ? result.reasonCodes.join() : result.kind;
  };
  /** The command ends after the claim, before what it claimed. */
  const crash = async (id: string, commandId: string) => {
    let left = 1;
    store.beforeAppend = () => {
      left -= 1;
      if (left < 0) throw Object.assign(new Error('crashed'), { code: 'CRASHED' });
    };
    await assign(id, commandId).catch(() => undefined);
    store.beforeAppend = () => undefined;
  };
  const claims = () => store.log.filter(({ type }) => type === 'LicenseClaimed').length;
  const unassign: SubscriptionCommand = { name: 'unassign-license', body: { personId: 'alice' } };
  return { store, service, give, assign, crash, claims, unassign, read, setNow: (to: string) => (now = to) };
}

test('a read side that lags makes no difference, whichever way it does', async () => {
  const { assign, give, unassign, read } = await setUp();
  assert.is(await assign('team'), 'accepted');
  assert.is(await assign('firm'), 'SERVICE_CONFLICT', 'it does not know yet that the licence was given');
  read.push({ subscriptionId: 'team', planId: 'team', appsOff: [] });
  await give('team', unassign);
  assert.is(await assign('firm'), 'accepted', 'it does not know yet that the licence was taken away');
});

test('what only the read side knows counts: licences of before there was a rule', async () => {
  const { assign, read } = await setUp();
  read.push({ subscriptionId: 'older', planId: 'team', appsOff: [] });
  assert.is(await assign('firm'), 'SERVICE_CONFLICT');
});

test('plans without rules claim nothing', async () => {
  const { assign, claims } = await setUp();
  assert.is(await assign('plain'), 'accepted');
  assert.is(claims(), 0);
});

test('a claim that a crash left counts until its command is repeated, or so old that nobody can be at it', async () => {
  for (const ending of ['repeated', 'left'] as const) {
    const { assign, crash, claims, service, setNow } = await setUp();
    await crash('team', 'k1');
    assert.is(claims(), 1);
    assert.is(await assign('firm', undefined, service()), 'SERVICE_CONFLICT');
    if (ending === 'repeated') {
      assert.is(await assign('team', 'k1', service()), 'accepted');
      assert.is(claims(), 1, 'it is the same claim');
      setNow('2027-03-01T01:00:00.000Z');
      assert.is(await assign('firm'), 'SERVICE_CONFLICT', 'and it came to something');
    } else {
      setNow('2027-03-01T00:15:00.001Z');
      assert.is(await assign('firm'), 'accepted');
    }
  }
});

test('refused after all, the claim is given back', async () => {
  const { store, assign, give, service } = await setUp();
  const other = service();
  let isFirst = true;
  store.beforeAppend = async () => {
    // Behind the claim, and before the licence: the subscription ends.
    if (!isFirst) return;
    isFirst = false;
    await give('team', { name: 'cancel-now', body: {} }, 'elsewhere', other);
  };
  assert.is(await assign('team'), 'LICENSE_ASSIGNMENT_FROZEN');
  assert.is(store.log.findLast(({ type }) => type.startsWith('LicenseClaim'))?.type, 'LicenseClaimReleased');
  assert.is(await assign('firm'), 'accepted');
});

test.run();
