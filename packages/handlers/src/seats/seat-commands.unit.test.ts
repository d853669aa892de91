import { eventDefinitions, seatStream, type SeatCommand, type SubscriptionCommand } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CommandResult, SeatCommandRequest } from '../command-handling/command-service.ts';
import { createCommandService } from '../command-handling/create-command-service.ts';
import { createTenantService } from '../tenants/tenant-service.ts';
import { createMemoryEventStore } from '../testing/memory-event-store.ts';

const test = suite('commands on seats');
const stream = seatStream('acme', 's1', 'alice');

async function setUp() {
  const store = createMemoryEventStore(eventDefinitions);
  let now = '2027-03-01T00:00:00.000Z';
  const clock = { virtual: false, now: () => now, onAdvance: () => () => undefined };
  const service = () =>
    createCommandService({
      store,
      clock,
      vault: { userIdOf: async () => undefined, encrypt: async (_owner, text) => text },
      plans: { version: () => 'catalogue-1', plan: (planId) => ({ planId, apps: ['word'] }) },
      tenants: createTenantService({ store, clock }),
      newId: () => crypto.randomUUID(),
    });
  const commands = service();
  let count = 0;
  const cause = {
    tenant: 'acme',
    subscriptionId: 's1',
    actor: { type: 'user' as const, id: 'admin' },
    roles: ['global-admin'],
    correlationId: 'request-1',
  };
  const manage = async (command: SubscriptionCommand, commandId = `c${(count += 1)}`): Promise<void> => {
    const result = await commands.execute({ ...cause, command, commandId });
    assert.is(result.kind, 'accepted');
  };
  const execute = (command: SeatCommand, commandId: string, more: Partial<SeatCommandRequest> = {}) =>
    commands.executeSeat({ ...cause, command, commandId, ...more });
  const body = { planId: 'e3', seats: 3, term: 'P1M' as const, zone: 'UTC', profile: 'direct-mosa-2020' };
  const create = { ...body, channel: 'direct' as const, recurringBilling: true, trial: false, providerRefs: {} };
  await manage({ name: 'create', body: create });
  await manage({ name: 'activate', body: {} });
  await manage(assign);
  return { store, commands, service, manage, execute, cause, setNow: (to: string) => (now = to) };
}

const assign: SubscriptionCommand = { name: 'assign-license', body: { personId: 'alice', appsOff: [] } };
const unassign: SubscriptionCommand = { name: 'unassign-license', body: { personId: 'alice' } };
const signIn = (deviceId: string): SeatCommand => ({
  name: 'activate-device',
  body: { personId: 'alice', deviceId, kind: 'computer', signOutOldest: true },
});
const signOut = (deviceId: string): SeatCommand => ({
  name: 'deactivate-device',
  body: { personId: 'alice', deviceId },
});
const typesOf = (result: CommandResult) =>
  result.kind === 'accepted' || result.kind === 'repeated' ? result.events.map(({ type }) => type) : [result.kind];

test('an accepted command answers the status and version of the subscription, and the position of its own event', async () => {
  const { store, execute } = await setUp();
  const result = await execute(signIn('pc'), 'k1', { expectedVersion: 2 });
  const event = store.log.at(-1);
  assert.is(event?.stream, stream);
  assert.equal(result, {
    kind: 'accepted',
    subscriptionId: 's1',
    status: 'active',
    version: 2,
    position: String(event?.position),
    events: [{ id: event?.id, type: 'DeviceActivated', effectiveAt: '2027-03-01T00:00:00.000Z' }],
  });
  assert.is(event?.metadata.policy, 'direct-mosa-2020@1');
  assert.match(event?.metadata.commandHash ?? '', /^[0-9a-f]{64}$/);
});

test('a repeat answers the first result, whatever happened since and whichever process is asked', async () => {
  const { store, execute, service, manage, cause, setNow } = await setUp();
  for (const id of ['a', 'b', 'c', 'd', 'e']) await execute(signIn(id), `sign-in-${id}`);
  const first = await execute(signIn('f'), 'k1');
  assert.equal(typesOf(first), ['DeviceDeactivated', 'DeviceActivated']);
  await manage(unassign);
  setNow('2027-06-15T00:00:00.000Z');
  const count = store.log.length;
  assert.equal(await execute(signIn('f'), 'k1'), { ...first, kind: 'repeated' });
  const elsewhere = await service().executeSeat({ ...cause, command: signIn('f'), commandId: 'k1', roles: [] });
  assert.equal(elsewhere, { ...first, kind: 'repeated' });
  assert.is(store.log.length, count);
});

test('a command id with other content is refused, also when the subscription itself has taken it', async () => {
  const { execute, manage } = await setUp();
  await execute(signIn('pc'), 'k1');
  for (const result of [await execute(signIn('mac'), 'k1'), await execute(signOut('pc'), 'k1')]) {
    assert.equal(result.kind === 'refused' && result.reasonCodes, ['COMMAND_ID_REUSED']);
  }
  await manage({ name: 'set-recurring-billing', body: { on: false } }, 'k2');
  const taken = await execute(signIn('mac'), 'k2');
  assert.equal(taken.kind === 'refused' && taken.reasonCodes, ['COMMAND_ID_REUSED']);
});

test('one id for two people of a subscription: the second is refused, the first is repeated', async () => {
  const { store, execute, manage, service, cause } = await setUp();
  await manage({ name: 'assign-license', body: { personId: 'bob', appsOff: [] } });
  const first = await execute(signIn('pc'), 'k1');
  const ofBob: SeatCommand = {
    name: 'activate-device',
    body: { personId: 'bob', deviceId: 'pc', kind: 'computer', signOutOldest: true },
  };
  const count = store.log.length;
  for (const dryRun of [true, false]) {
    const elsewhere = await service().executeSeat({ ...cause, command: ofBob, commandId: 'k1', dryRun });
    assert.equal(elsewhere.kind === 'refused' && elsewhere.reasonCodes, ['COMMAND_ID_REUSED']);
    assert.ok(elsewhere.kind === 'refused' && elsewhere.remedies.length > 0);
  }
  assert.equal(await execute(signIn('pc'), 'k1'), { ...first, kind: 'repeated' });
  assert.equal(
    store.log.slice(count).filter(({ type }) => type !== 'CommandRefused'),
    [],
  );
});

test('one id for two people at once: one of them has it', async () => {
  const { store, manage, service, cause } = await setUp();
  await manage({ name: 'assign-license', body: { personId: 'bob', appsOff: [] } });
  const results = await Promise.all(
    ['alice', 'bob'].map((personId) =>
      service().executeSeat({
        ...cause,
        command: { name: 'activate-device', body: { personId, deviceId: 'pc', kind: 'computer', signOutOldest: true } },
        commandId: 'k1',
      }),
    ),
  );
  assert.equal(results.map(({ kind }) => kind).sort(), ['accepted', 'refused']);
  assert.is(store.log.filter(({ type }) => type === 'DeviceActivated').length, 1);
});

test('an id that a seat has had is no other command of the subscription; in another subscription it is a new one', async () => {
  const { execute, commands, cause } = await setUp();
  await execute(signIn('pc'), 'k1');
  const command: SubscriptionCommand = { name: 'set-recurring-billing', body: { on: false } };
  const result = await commands.execute({ ...cause, command, commandId: 'k1' });
  assert.equal(result.kind === 'refused' && result.reasonCodes, ['COMMAND_ID_REUSED']);
  assert.equal(await execute(signIn('pc'), 'k1', { subscriptionId: 'unknown' }), { kind: 'not-found' });
});

test('one id for a seat and for the subscription at once: whichever is first has it', async () => {
  const command: SubscriptionCommand = { name: 'set-recurring-billing', body: { on: false } };
  for (const isSeatFirst of [true, false]) {
    const { store, execute, commands, cause } = await setUp();
    const onSubscription = () => commands.execute({ ...cause, command, commandId: 'k1' });
    const onSeat = () => execute(signIn('pc'), 'k1');
    let second: Promise<CommandResult> | undefined;
    store.beforeAppend = async () => {
      if (second !== undefined) return;
      // The first has looked everywhere, and is about to append: the other is asked, and given all the time it can use.
      second = isSeatFirst ? onSubscription() : onSeat();
      for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    const first = await (isSeatFirst ? onSeat() : onSubscription());
    assert.is(first.kind, 'accepted');
    const late = await second;
    assert.equal(late?.kind === 'refused' && late.reasonCodes, ['COMMAND_ID_REUSED'], `seat first: ${isSeatFirst}`);
  }
});

test('a crash between the id and what it is for: the repeat goes on, another command does not', async () => {
  const { store, execute, service, cause } = await setUp();
  const fails = { left: 1 };
  store.beforeAppend = () => {
    fails.left -= 1;
    if (fails.left < 0) throw Object.assign(new Error('crashed'), { code: 'CRASHED' });
  };
  await execute(signIn('pc'), 'k1').catch(() => undefined);
  store.beforeAppend = () => undefined;
  assert.is(store.log.at(-1)?.type, 'SeatCommandIdTaken');
  const other = await service().executeSeat({ ...cause, command: signIn('mac'), commandId: 'k1' });
  assert.equal(other.kind === 'refused' && other.reasonCodes, ['COMMAND_ID_REUSED']);
  assert.equal(typesOf(await execute(signIn('pc'), 'k1')), ['DeviceActivated']);
});

test('an id that nobody chose is not kept', async () => {
  const { store, execute } = await setUp();
  await execute(signIn('pc'), crypto.randomUUID(), { isIdMadeUp: true });
  assert.is(store.log.filter(({ type }) => type === 'SeatCommandIdTaken').length, 0);
});

test('what is already so is accepted without an event, at a position that covers what was seen', async () => {
  const { store, execute, manage } = await setUp();
  await execute(signIn('pc'), 'k1');
  await manage({ name: 'set-recurring-billing', body: { on: false } });
  const count = store.log.length;
  const result = await execute(signOut('unknown'), 'k2');
  assert.ok(result.kind === 'accepted' && result.events.length === 0 && result.version === 3);
  assert.is(result.kind === 'accepted' && result.position, String(store.log.at(-1)?.position));
  assert.is(store.log.length, count);
});

test('a dry run answers the same and appends nothing; a stale version is a conflict; an unknown subscription is not found', async () => {
  const { store, execute } = await setUp();
  const count = store.log.length;
  assert.equal(typesOf(await execute(signIn('pc'), 'k1', { dryRun: true })), ['DeviceActivated']);
  const stale = await execute(signIn('pc'), 'k1', { expectedVersion: 7 });
  assert.equal(stale, { kind: 'version-conflict', actualVersion: 2 });
  assert.equal(await execute(signIn('pc'), 'k1', { subscriptionId: 'unknown' }), { kind: 'not-found' });
  assert.is(store.log.length, count);
  assert.equal(typesOf(await execute(signIn('pc'), 'k1')), ['DeviceActivated']);
});

test('the licence is taken away by another process: the next decision knows, though its subscription is cached', async () => {
  const { execute, service, cause } = await setUp();
  await execute(signIn('pc'), 'k1');
  await service().execute({ ...cause, command: unassign, commandId: 'elsewhere' });
  const result = await execute(signIn('mac'), 'k2');
  assert.equal(result.kind === 'refused' && result.reasonCodes, ['NOT_ASSIGNED']);
});

test('given away and back between the decision and its append, the decision is made anew on what holds now', async () => {
  const { store, execute, service, cause, manage } = await setUp();
  await execute(signIn('pc'), 'k1');
  const other = service();
  store.beforeAppend = async () => {
    store.beforeAppend = () => undefined;
    await manage(unassign);
    await manage(assign);
    await other.executeSeat({ ...cause, command: signIn('first of the new'), commandId: 'k2' });
  };
  assert.equal(typesOf(await execute(signIn('mac'), 'k3')), ['DeviceActivated']);
  const last = store.log.at(-1);
  // The door validated the data: every event of a seat has this.
  const { heldSince } = (last?.data ?? {}) as { readonly heldSince?: number };
  // Revisions of the subscription: created, activated, assigned, unassigned, assigned.
  assert.equal([last?.stream, heldSince], [stream, 4]);
});

test('a refusal is recorded with all its reasons', async () => {
  const { store, commands, execute } = await setUp();
  const result = await execute(signIn('pc'), 'k1', { actor: { type: 'user', id: 'bob' }, roles: ['billing-admin'] });
  assert.equal(result.kind === 'refused' && result.reasonCodes, ['NOT_LICENSE_ADMIN']);
  await commands.close();
  const attempt = store.log.at(-1);
  assert.is(attempt?.type, 'CommandRefused');
  assert.equal(attempt?.data, {
    tenant: 'acme',
    subscriptionId: 's1',
    command: 'activate-device',
    reasonCodes: ['NOT_LICENSE_ADMIN'],
    status: 'active',
  });
});

test('the list of actions has the commands on seats, and a person without a role may sign in on their own devices', async () => {
  const { commands } = await setUp();
  const listed = async (id: string, roles: readonly string[]): Promise<string[]> => {
    const found = await commands.actions({ tenant: 'acme', subscriptionId: 's1', actor: { type: 'user', id }, roles });
    const actions = found.kind === 'found' ? found.actions : [];
    return actions.filter(({ available }) => available).map(({ command }) => command);
  };
  assert.equal(await listed('alice', []), ['activate-device', 'deactivate-device']);
  assert.equal(await listed('bob', []), []);
  assert.ok((await listed('bob', ['license-admin'])).includes('set-apps-for-assignment'));
});

test.run();
