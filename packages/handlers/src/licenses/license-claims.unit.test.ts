import { eventDefinitions, subscriptionStream, type Service, type SubscriptionCommand } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CommandService } from '../command-handling/command-service.ts';
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
  const requestFor = (subscriptionId: string, commandId = `c${(count += 1)}`) => ({
    tenant: 'acme',
    subscriptionId,
    commandId,
    actor: { type: 'user', id: 'admin' } as const,
    roles: ['global-admin'],
    correlationId: commandId,
  });
  const give = (subscriptionId: string, command: SubscriptionCommand, commandId?: string, by = commands) =>
    by.execute({ ...requestFor(subscriptionId, commandId), command });
  for (const planId of Object.keys(plans)) {
    const body = { planId, seats: 3, term: 'P1M' as const, zone: 'UTC', profile: 'direct-mosa-2020' };
    const create = { ...body, channel: 'direct' as const, recurringBilling: true, trial: false, providerRefs: {} };
    await give(planId, { name: 'create', body: create });
    await give(planId, { name: 'activate', body: {} });
  }
  const assignAlice: SubscriptionCommand = { name: 'assign-license', body: { personId: 'alice', appsOff: [] } };
  const assign = async (id: string, commandId?: string, by = commands) => {
    const result = await give(id, assignAlice, commandId, by);
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
  /** Somebody else adds a note to a subscription before each of so many appends that are not theirs. */
  const interfere = (id: string, times: number) => {
    const other = service();
    let left = times;
    let isTheirs = false;
    store.beforeAppend = async () => {
      if (isTheirs || (left -= 1) < 0) return;
      isTheirs = true;
      await give(id, { name: 'add-note', body: { text: 'meanwhile' } }, undefined, other);
      isTheirs = false;
    };
  };
  const turn = (
    appsOff: string[],
    { by = commands, ...more }: { by?: CommandService; expectedVersion?: number } = {},
  ) =>
    by.executeSeat({
      ...requestFor('team'),
      command: { name: 'set-apps-for-assignment', body: { personId: 'alice', appsOff } },
      ...more,
    });
  /** Somebody else is faster: behind the next claim, and before what it is for. */
  const onceClaimed = (act: () => Promise<void>) => {
    const before = claims();
    store.beforeAppend = async () => {
      if (claims() === before) return;
      store.beforeAppend = () => undefined;
      await act();
    };
  };
  const versionOf = (id: string) =>
    store.log.filter(({ stream }) => stream === subscriptionStream('acme', id)).length - 1;
  const lastOfClaim = () => store.log.findLast(({ type }) => type.startsWith('LicenseClaim'))?.type;
  return {
    store,
    commands,
    service,
    requestFor,
    give,
    assignAlice,
    assign,
    crash,
    interfere,
    claims,
    lastOfClaim,
    turn,
    onceClaimed,
    versionOf,
    unassign,
    read,
    setNow: (to: string) => (now = to),
  };
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
  const { store, assign, give, service, lastOfClaim } = await setUp();
  const other = service();
  let isFirst = true;
  store.beforeAppend = async () => {
    // Behind the claim, and before the licence: the subscription ends.
    if (!isFirst) return;
    isFirst = false;
    await give('team', { name: 'cancel-now', body: {} }, 'elsewhere', other);
  };
  assert.is(await assign('team'), 'LICENSE_ASSIGNMENT_FROZEN');
  assert.is(lastOfClaim(), 'LicenseClaimReleased');
  assert.is(await assign('firm'), 'accepted');
});

test('outdated after all (If-Match), the claim is given back', async () => {
  const { commands, assign, assignAlice, interfere, lastOfClaim, requestFor, versionOf } = await setUp();
  const expectedVersion = versionOf('team');
  interfere('team', 1);
  const result = await commands.execute({ ...requestFor('team'), command: assignAlice, expectedVersion });
  assert.equal(result, { kind: 'version-conflict', actualVersion: expectedVersion + 1 });
  assert.is(lastOfClaim(), 'LicenseClaimReleased');
  assert.is(await assign('firm'), 'accepted');
});

test('outrun in every attempt, the claim is given back; the same command, sent again, claims again', async () => {
  const { assign, interfere, lastOfClaim, claims } = await setUp();
  interfere('team', 6);
  try {
    await assign('team', 'k1');
    assert.unreachable('others appended before each of its attempts');
  } catch (error) {
    assert.is((error as { code?: string }).code, 'CONFLICT');
  }
  assert.is(lastOfClaim(), 'LicenseClaimReleased');
  assert.is(await assign('team', 'k1'), 'accepted');
  assert.is(claims(), 2);
  assert.is(await assign('firm'), 'SERVICE_CONFLICT');
});

test('turning on apps that somebody else has turned on meanwhile gives the claim back', async () => {
  const { assign, give, unassign, turn, onceClaimed, service } = await setUp();
  assert.is(await assign('team'), 'accepted');
  assert.is((await turn(['share-1'])).kind, 'accepted');
  const other = service();
  let second: ReturnType<typeof turn> | undefined;
  onceClaimed(
    () =>
      new Promise((resolve) => {
        // The other has claimed too, and appends when the first has.
        onceClaimed(async () => {
          resolve();
          await first;
        });
        second = turn([], { by: other });
      }),
  );
  const first = turn([]);
  assert.is((await first).kind, 'accepted');
  const late = await second;
  assert.equal(late?.kind === 'accepted' && late.events, [], 'nothing was left to do');
  await give('team', unassign);
  assert.is(await assign('firm'), 'accepted');
});

test('a claim that was given back hides nothing of what its subscription gave before', async () => {
  const { assign, turn, give, onceClaimed, service, requestFor, lastOfClaim, versionOf } = await setUp();
  assert.is(await assign('team'), 'accepted');
  const other = service();
  onceClaimed(async () => {
    const device = { personId: 'alice', deviceId: 'd1', kind: 'computer', signOutOldest: false } as const;
    await other.executeSeat({ ...requestFor('team'), command: { name: 'activate-device', body: device } });
    await give('team', { name: 'add-note', body: { text: 'meanwhile' } }, undefined, other);
  });
  const turned = await turn(['share-1'], { expectedVersion: versionOf('team') });
  assert.is(turned.kind, 'version-conflict');
  assert.is(lastOfClaim(), 'LicenseClaimReleased');
  assert.is(await assign('firm'), 'SERVICE_CONFLICT', 'the read side knows nothing of it yet');
});

test.run();
