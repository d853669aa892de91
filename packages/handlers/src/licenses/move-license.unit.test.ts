import { eventDefinitions, pagedGet, subscriptionStream, type SubscriptionCommand } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CommandResult, MoveLicenseRequest, SeatCommandRequest } from '../command-handling/command-service.ts';
import { createCommandService } from '../command-handling/create-command-service.ts';
import { subscriptionAggregate } from '../command-handling/subscription-aggregate.ts';
import { createTenantService } from '../tenants/tenant-service.ts';
import { createMemoryEventStore } from '../testing/memory-event-store.ts';
import type { HeldLicenses } from './person-facts.ts';

const test = suite('moving a licence (domain.md 1.8, 6.2; scenarios 25 and 26)');

const plans: Readonly<Record<string, object>> = {
  e3: { services: [{ appId: 'sharepoint-2', excludes: ['sharepoint-1'] }] },
  e1: { services: [{ appId: 'sharepoint-1' }] },
  local: { prohibitedIn: ['XX'] },
};

async function setUp(seats: Readonly<Record<string, number>> = { a: 3, b: 3 }, planOf: Record<string, string> = {}) {
  const store = createMemoryEventStore(eventDefinitions);
  let now = '2027-03-01T00:00:00.000Z';
  const clock = { virtual: false, now: () => now, onAdvance: () => () => undefined };
  const tenants = createTenantService({ store, clock });
  const held: { current: Awaited<ReturnType<HeldLicenses['licensesOf']>> } = { current: [] };
  const service = () =>
    createCommandService({
      store,
      clock,
      vault: { userIdOf: async () => undefined, encrypt: async (_owner, text) => text },
      plans: { version: () => 'catalogue-1', plan: (planId) => ({ planId, apps: ['word'], ...plans[planId] }) },
      tenants,
      licenses: { licensesOf: async () => held.current },
      newId: () => crypto.randomUUID(),
    });
  const commands = service();
  const cause = {
    tenant: 'acme',
    actor: { type: 'user' as const, id: 'admin' },
    roles: ['global-admin'],
    correlationId: 'request-1',
  };
  let count = 0;
  const manage = (subscriptionId: string, command: SubscriptionCommand, commandId = `c${(count += 1)}`) =>
    commands.execute({ ...cause, subscriptionId, command, commandId });
  const accept = async (...asked: Parameters<typeof manage>) => {
    const result = await manage(...asked);
    assert.is(result.kind, 'accepted', JSON.stringify(result));
  };
  const move = (
    from: string,
    to: string,
    {
      by = commands,
      personId = 'alice',
      appsOff,
      commandId = `m${(count += 1)}`,
      ...more
    }: Partial<MoveLicenseRequest> & { personId?: string; appsOff?: string[]; by?: typeof commands } = {},
  ): Promise<CommandResult> =>
    by.moveLicense({
      ...cause,
      ...more,
      commandId,
      subscriptionId: from,
      command: { name: 'move-license', body: { personId, toSubscriptionId: to, ...(appsOff && { appsOff }) } },
    });
  const onSeat = (subscriptionId: string, command: SeatCommandRequest['command']) =>
    commands.executeSeat({ ...cause, subscriptionId, command, commandId: `s${(count += 1)}` });
  for (const [id, number] of Object.entries(seats)) {
    await accept(id, created(planOf[id] ?? 'basic', number));
    await accept(id, { name: 'activate', body: {} });
  }
  const typesIn = (id: string) =>
    store.log.filter(({ stream }) => stream === subscriptionStream('acme', id)).map(({ type }) => type);
  const holders = (id: string): string[] => {
    const events = store.log.filter(({ stream }) => stream === subscriptionStream('acme', id));
    const { seats: held } = events.reduce(
      (state, event) => subscriptionAggregate.evolve(state, event),
      subscriptionAggregate.initial,
    );
    return ['alice', 'bob', 'carol'].filter((personId) => pagedGet(held, personId) !== undefined);
  };
  return {
    store,
    commands,
    service,
    manage,
    accept,
    move,
    onSeat,
    typesIn,
    holders,
    held,
    tenants,
    cause,
    setNow: (to: string) => (now = to),
  };
}

function created(planId: string, seats: number): SubscriptionCommand {
  const body = { planId, seats, term: 'P1M' as const, zone: 'UTC', profile: 'direct-mosa-2020' };
  return {
    name: 'create',
    body: { ...body, channel: 'direct', recurringBilling: true, trial: false, providerRefs: {} },
  };
}

const assign = (personId = 'alice', appsOff: string[] = []): SubscriptionCommand => ({
  name: 'assign-license',
  body: { personId, appsOff },
});
const codesOf = (result: CommandResult) => (result.kind === 'refused' ? result.reasonCodes : [result.kind]);

test('the seat is given at the target before it is given up at the source, which names it', async () => {
  const { store, accept, move, holders } = await setUp();
  await accept('a', assign());
  const result = await move('a', 'b', { commandId: 'm1' });
  const [given, up] = store.log.slice(-2);
  assert.equal([given?.stream, given?.type], [subscriptionStream('acme', 'b'), 'LicenseAssigned']);
  assert.equal([up?.stream, up?.type], [subscriptionStream('acme', 'a'), 'LicenseMoved']);
  assert.equal(up?.data, { personId: 'alice', heldSince: 2, to: { subscriptionId: 'b', revision: given?.revision } });
  assert.equal([holders('a'), holders('b')], [[], ['alice']]);
  assert.equal(result, {
    kind: 'accepted',
    subscriptionId: 'a',
    status: 'active',
    termEnd: '2027-04-01T00:00:00.000Z',
    version: 3,
    position: String(up?.position),
    events: [{ id: up?.id, type: 'LicenseMoved', effectiveAt: '2027-03-01T00:00:00.000Z' }],
  });
  assert.equal(up?.metadata.actor, given?.metadata.actor);
});

test('apps that are off stay off, unless the move names others', async () => {
  const { store, accept, move, onSeat } = await setUp();
  await accept('a', assign('alice', ['teams']));
  await onSeat('a', { name: 'set-apps-for-assignment', body: { personId: 'alice', appsOff: ['word'] } });
  const appsOff = () => store.log.findLast(({ type }) => type === 'LicenseAssigned')?.data;
  await move('a', 'b');
  assert.equal((appsOff() as { appsOff: string[] }).appsOff, ['word']);
  await move('b', 'a', { appsOff: [] });
  assert.equal((appsOff() as { appsOff: string[] }).appsOff, []);
});

test('a repeat answers as at first, whichever process is asked; other content under its id is refused', async () => {
  const { store, accept, move, service } = await setUp({ a: 3, b: 3, c: 3 });
  await accept('a', assign());
  const first = await move('a', 'b', { commandId: 'm1' });
  const length = store.log.length;
  for (const by of [undefined, service()]) {
    const again = await move('a', 'b', { commandId: 'm1', ...(by && { by }) });
    assert.equal(again, { ...first, kind: 'repeated' });
  }
  assert.equal(codesOf(await move('a', 'c', { commandId: 'm1' })), ['COMMAND_ID_REUSED']);
  assert.equal(codesOf(await move('a', 'b', { commandId: 'm1', personId: 'bob' })), ['COMMAND_ID_REUSED']);
  assert.is(store.log.filter(({ type }) => type !== 'CommandRefused').length, length);
});

test('a refused move leaves everything as it was, and says all that speaks against it on either side', async () => {
  const { store, accept, manage, move, tenants, cause, held } = await setUp(
    { a: 3, full: 1, frozen: 1, conflicting: 1, abroad: 1, pending: 1 },
    { a: 'e1', conflicting: 'e3', abroad: 'local' },
  );
  await manage('never', created('basic', 1));
  await accept('a', assign());
  await accept('full', assign('bob'));
  await accept('frozen', { name: 'disable', body: { reason: 'admin' } });
  await tenants.describePerson(
    'acme',
    'alice',
    { usageLocation: 'XX' },
    { ...cause, actor: { ...cause.actor, roles: [] }, commandId: 'p' },
  );
  const before = store.log.filter(({ type }) => type !== 'CommandRefused').length;
  assert.equal(codesOf(await move('a', 'full')), ['NO_FREE_SEAT']);
  assert.equal(codesOf(await move('a', 'frozen')), ['LICENSE_ASSIGNMENT_FROZEN']);
  assert.equal(codesOf(await move('a', 'never')), ['LICENSE_ASSIGNMENT_FROZEN']);
  assert.equal(codesOf(await move('a', 'abroad')), ['USAGE_LOCATION_PROHIBITED']);
  assert.equal(codesOf(await move('a', 'a')), ['ALREADY_ASSIGNED']);
  assert.equal(codesOf(await move('a', 'full', { personId: 'carol' })), ['NOT_ASSIGNED', 'NO_FREE_SEAT']);
  assert.equal(codesOf(await move('a', 'full', { roles: ['billing-admin'] })), ['NOT_LICENSE_ADMIN', 'NO_FREE_SEAT']);
  assert.equal(await move('a', 'nowhere'), { kind: 'not-found', subscriptionId: 'nowhere' });
  assert.equal(await move('nowhere', 'a'), { kind: 'not-found', subscriptionId: 'nowhere' });
  held.current = [
    { subscriptionId: 'a', planId: 'e1', appsOff: [] },
    { subscriptionId: 'other', planId: 'e1', appsOff: [] },
  ];
  assert.equal(codesOf(await move('a', 'conflicting')), ['SERVICE_CONFLICT']);
  held.current = held.current.slice(0, 1);
  assert.is((await move('a', 'conflicting', { dryRun: true })).kind, 'accepted', 'what is given up does not conflict');
  assert.is((await move('a', 'conflicting', { expectedVersion: 0 })).kind, 'version-conflict');
  assert.is(store.log.filter(({ type }) => type !== 'CommandRefused').length, before);
});

test('a crash between the two appends is finished by a repeat', async () => {
  const { store, accept, move, service, holders } = await setUp();
  await accept('a', assign());
  failAfterNext(store);
  await move('a', 'b', { commandId: 'm1' }).then(
    () => assert.unreachable(),
    () => undefined,
  );
  assert.equal([holders('a'), holders('b')], [['alice'], ['alice']], 'never without a licence');
  store.beforeAppend = () => undefined;
  const result = await move('a', 'b', { commandId: 'm1', by: service() });
  assert.equal([result.kind, holders('a'), holders('b')], ['accepted', [], ['alice']]);
});

test('it is finished at start-up as well, and the repeat that comes later answers as at first', async () => {
  const { store, accept, move, service, holders, typesIn } = await setUp();
  await accept('a', assign());
  failAfterNext(store);
  await move('a', 'b', { commandId: 'm1' }).then(
    () => assert.unreachable(),
    () => undefined,
  );
  store.beforeAppend = () => undefined;
  const restarted = service();
  const name = { tenant: 'acme', subscriptionId: 'b', personId: 'alice', heldSince: 2 };
  await restarted.driveMoveOn(name);
  await restarted.driveMoveOn(name);
  assert.equal([holders('a'), holders('b')], [[], ['alice']]);
  assert.is(typesIn('a').filter((type) => type === 'LicenseMoved').length, 1);
  const up = store.log.find(({ type }) => type === 'LicenseMoved');
  assert.equal([up?.metadata.actor.id, up?.metadata.commandId], ['admin', 'm1']);
  assert.is((await move('a', 'b', { commandId: 'm1' })).kind, 'repeated');
});

test('one seat is moved once: of two moves to two places one is refused, and what it was given is taken back', async () => {
  const { accept, move, service, holders } = await setUp({ a: 1, b: 1, c: 1 });
  await accept('a', assign());
  const results = await Promise.all([
    move('a', 'b', { commandId: 'm1' }),
    move('a', 'c', { commandId: 'm2', by: service() }),
  ]);
  assert.equal(results.map(codesOf).sort(), [['NOT_ASSIGNED'], ['accepted']]);
  assert.is(holders('a').length, 0);
  assert.is([...holders('b'), ...holders('c')].length, 1);
});

test('a licence taken away while it is moved stays taken away, also when the move is found at start-up', async () => {
  const { store, accept, move, service, holders } = await setUp();
  await accept('a', assign());
  failAfterNext(store);
  await move('a', 'b', { commandId: 'm1' }).then(
    () => assert.unreachable(),
    () => undefined,
  );
  store.beforeAppend = () => undefined;
  await accept('a', { name: 'unassign-license', body: { personId: 'alice' } });
  await service().driveMoveOn({ tenant: 'acme', subscriptionId: 'b', personId: 'alice', heldSince: 2 });
  assert.equal([holders('a'), holders('b')], [[], []]);
  assert.equal(store.log.at(-1)?.data, { personId: 'alice', cause: 'move_undone' });
});

test('after a move was taken back, the same seat given again can be moved under the same id', async () => {
  const { store, accept, move, service, holders } = await setUp();
  await accept('a', assign());
  failAfterNext(store);
  await move('a', 'b', { commandId: 'm1' }).then(
    () => assert.unreachable(),
    () => undefined,
  );
  store.beforeAppend = () => undefined;
  await accept('a', { name: 'unassign-license', body: { personId: 'alice' } });
  await service().driveMoveOn({ tenant: 'acme', subscriptionId: 'b', personId: 'alice', heldSince: 2 });
  assert.equal(codesOf(await move('a', 'b', { commandId: 'm1' })), ['NOT_ASSIGNED']);
  await accept('a', assign());
  assert.is((await move('a', 'b', { commandId: 'm1' })).kind, 'accepted');
  assert.equal([holders('a'), holders('b')], [[], ['alice']]);
});

test('the last seat is given once, to assignments and moves that race for it from two processes', async () => {
  const { manage, accept, move, service, holders, typesIn } = await setUp({ a: 2, b: 1 });
  for (const personId of ['alice', 'bob']) await accept('a', assign(personId));
  const results = await Promise.all([
    move('a', 'b', { personId: 'alice' }),
    move('a', 'b', { personId: 'bob', by: service() }),
    manage('b', assign('carol')),
  ]);
  assert.equal(results.map(codesOf).sort(), [['NO_FREE_SEAT'], ['NO_FREE_SEAT'], ['accepted']]);
  assert.is(holders('b').length, 1);
  assert.is(typesIn('b').filter((type) => type === 'LicenseAssigned').length, 1);
});

test('the wall clock of the process that finishes a move does not date it before it began', async () => {
  const { store, accept, move, service, setNow } = await setUp();
  await accept('a', assign());
  setNow('2027-03-02T00:00:00.000Z');
  failAfterNext(store);
  await move('a', 'b', { commandId: 'm1' }).then(
    () => assert.unreachable(),
    () => undefined,
  );
  store.beforeAppend = () => undefined;
  setNow('2027-03-01T12:00:00.000Z');
  await service().driveMoveOn({ tenant: 'acme', subscriptionId: 'b', personId: 'alice', heldSince: 2 });
  assert.is(store.log.at(-1)?.metadata.effectiveAt, '2027-03-02T00:00:00.000Z');
});

/** The target's append goes through, the next one finds the store gone. */
function failAfterNext(store: ReturnType<typeof createMemoryEventStore>): void {
  let calls = 0;
  store.beforeAppend = () => {
    calls += 1;
    if (calls > 1) throw new Error('the process died here');
  };
}

test.run();
