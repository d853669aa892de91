import { eventDefinitions, type SubscriptionCommand } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTenantService } from '../tenants/tenant-service.ts';
import { createMemoryEventStore } from '../testing/memory-event-store.ts';
import { subscriptionIdFor } from './command-identity.ts';
import type { CommandRequest, CommandResult } from './command-service.ts';
import { createCommandService } from './create-command-service.ts';

const test = suite('command service');

function setUp() {
  const store = createMemoryEventStore(eventDefinitions);
  let now = '2027-03-01T00:00:00.000Z';
  const clock = { virtual: false, now: () => now, onAdvance: () => () => undefined };
  const service = () =>
    createCommandService({
      store,
      clock,
      vault: {
        userIdOf: async (personId) => (personId === 'known' ? 'alice' : undefined),
        encrypt: async (owner, text) => `sealed(${'tenant' in owner ? owner.tenant : owner.personId},${text.length})`,
      },
      plans: { version: () => 'catalogue-1', plan: (planId) => ({ planId, apps: ['word'] }) },
      tenants: createTenantService({ store, clock }),
      newId: () => crypto.randomUUID(),
    });
  const commands = service();
  const execute = (command: SubscriptionCommand, commandId: string, more: Partial<CommandRequest> = {}) =>
    commands.execute({
      tenant: 'acme',
      subscriptionId: 's1',
      command,
      commandId,
      actor: { type: 'user', id: 'known' },
      roles: ['global-admin'],
      correlationId: 'request-1',
      ...more,
    });
  return { store, commands, service, execute, setNow: (to: string) => (now = to) };
}

const create: SubscriptionCommand = {
  name: 'create',
  body: {
    planId: 'e3',
    seats: 3,
    term: 'P1M',
    zone: 'UTC',
    profile: 'direct-mosa-2020',
    channel: 'direct',
    recurringBilling: true,
    trial: false,
    providerRefs: {},
  },
};
const activate: SubscriptionCommand = { name: 'activate', body: {} };
const cancel: SubscriptionCommand = { name: 'cancel-now', body: { reason: 'too expensive' } };

const events = (result: CommandResult) =>
  result.kind === 'accepted' || result.kind === 'repeated' ? result.events : [];

test('an accepted command is answered with its events and appended in their envelope', async () => {
  const { store, execute } = setUp();
  const result = await execute(create, 'c1', { traceparent: '00-aa-bb-01' });
  assert.is(result.kind, 'accepted');
  const [first] = store.log;
  assert.ok(first);
  assert.equal(events(result)[0], {
    id: first.id,
    type: 'SubscriptionCreated',
    effectiveAt: first.metadata.effectiveAt,
  });
  const { metadata } = first;
  assert.is(metadata.commandId, 'c1');
  assert.is(metadata.$correlationId, 'request-1');
  assert.is(metadata.$causationId, 'c1');
  assert.is(metadata.tenant, 'acme');
  assert.is(metadata.policy, 'direct-mosa-2020@1');
  assert.is(metadata.catalogue, 'catalogue-1');
  assert.is(metadata.traceparent, '00-aa-bb-01');
  assert.match(metadata.commandHash ?? '', /^[0-9a-f]{64}$/);
  assert.equal(metadata.actor, { type: 'user', id: 'known', roles: ['global-admin'] });
});

test('a repeated command answers its first result, whatever happened since and whichever process is asked', async () => {
  const { execute, service, store } = setUp();
  await execute(create, 'c1');
  const first = await execute(activate, 'c2');
  await execute(cancel, 'c3');
  const count = store.log.length;
  for (const ask of [
    execute,
    (command: SubscriptionCommand, id: string) =>
      service().execute({
        tenant: 'acme',
        subscriptionId: 's1',
        command,
        commandId: id,
        actor: { type: 'user', id: 'other' },
        roles: [],
        correlationId: 'x',
      }),
  ]) {
    const again = await ask(activate, 'c2');
    assert.equal(again, { ...first, kind: 'repeated' });
  }
  assert.is(store.log.length, count);
});

test('a command id with other content is refused', async () => {
  const { execute } = setUp();
  await execute(create, 'c1');
  await execute(activate, 'c2');
  const result = await execute(cancel, 'c2');
  assert.is(result.kind === 'refused' && result.reasonCodes[0], 'COMMAND_ID_REUSED');
});

test('a dry run answers the same and appends nothing', async () => {
  const { execute, store } = setUp();
  await execute(create, 'c1');
  const count = store.log.length;
  const dry = await execute(activate, 'c2', { dryRun: true });
  assert.is(store.log.length, count);
  const real = await execute(activate, 'c2');
  assert.ok(dry.kind === 'accepted' && real.kind === 'accepted');
  if (dry.kind !== 'accepted' || real.kind !== 'accepted') return;
  assert.is(dry.status, real.status);
  assert.is(dry.version, real.version);
  assert.equal(
    dry.events,
    real.events.map(({ type, effectiveAt }) => ({ id: '', type, effectiveAt })),
  );
});

test('a stale version is a conflict, the current one is not, and a repeat comes before both', async () => {
  const { execute } = setUp();
  await execute(create, 'c1');
  assert.equal(await execute(activate, 'c2', { expectedVersion: 7 }), { kind: 'version-conflict', actualVersion: 0 });
  assert.is((await execute(activate, 'c2', { expectedVersion: 0 })).kind, 'accepted');
  assert.is((await execute(activate, 'c2', { expectedVersion: 0 })).kind, 'repeated');
});

test('an unknown subscription, and an id that is taken', async () => {
  const { execute } = setUp();
  assert.equal(await execute(activate, 'c0'), { kind: 'not-found', subscriptionId: 's1' });
  await execute(create, 'c1');
  assert.equal(await execute(create, 'c9'), { kind: 'already-exists', subscriptionId: 's1' });
  assert.is((await execute(create, 'c1')).kind, 'repeated');
});

test('a create without an id may be retried: it means the same subscription', async () => {
  const { commands, store } = setUp();
  const request = {
    tenant: 'acme',
    command: create,
    commandId: 'key-1',
    actor: { type: 'user' as const, id: 'known' },
    roles: ['global-admin'],
    correlationId: 'r',
  };
  const first = await commands.execute(request);
  const second = await commands.execute(request);
  assert.is(first.kind === 'accepted' && first.subscriptionId, subscriptionIdFor('acme', 'key-1'));
  assert.equal(second, { ...first, kind: 'repeated' });
  assert.is(store.log.length, 1);
  assert.is.not(subscriptionIdFor('globex', 'key-1'), subscriptionIdFor('acme', 'key-1'));
});

test('a refused command is recorded with who tried it, and its body is not', async () => {
  const { execute, commands, store } = setUp();
  await execute(create, 'c1');
  const refused = await execute(cancel, 'c2', { roles: ['auditor'], traceparent: '00-1' });
  assert.is(refused.kind, 'refused');
  await commands.close();
  const attempt = store.log.find(({ stream }) => stream === 'attempts-acme_s1');
  assert.is(attempt?.type, 'CommandRefused');
  assert.is(attempt?.metadata.commandId, 'c2');
  assert.equal([attempt?.metadata.actor.roles, attempt?.metadata.traceparent], [['auditor'], '00-1']);
  assert.not.match(JSON.stringify([attempt?.data, attempt?.metadata]), /too expensive/);
});

test('free text is encrypted before it is appended, with the key of whoever wrote it', async () => {
  const { execute, store } = setUp();
  await execute(create, 'c1');
  await execute(activate, 'c2');
  await execute(cancel, 'c3');
  assert.not.match(JSON.stringify(store.log.map(({ data, metadata }) => [data, metadata])), /too expensive/);
  assert.ok(store.log.some(({ metadata }) => metadata.reason === 'sealed(known,13)'));
});

test('a command that fails to append may be sent again', async () => {
  const { execute, store } = setUp();
  await execute(create, 'c1');
  store.beforeAppend = () => {
    throw new Error('the store is gone');
  };
  const failed = await execute(activate, 'c2').catch((error: unknown) => error);
  assert.instance(failed, Error);
  store.beforeAppend = () => undefined;
  assert.is((await execute(activate, 'c2')).kind, 'accepted');
});

test('a late tick writes each event at its due instant; a deletion is left to a tick that was cleared', async () => {
  const { execute, commands, store, setNow } = setUp();
  await execute(create, 'c1');
  await execute(activate, 'c2');
  setNow('2028-03-01T00:00:00.000Z');
  const target = { tenant: 'acme', subscriptionId: 's1' };
  assert.equal(await commands.tick({ ...target, deletion: 'ask' }), { kind: 'deletion-due' });
  assert.is((await commands.tick({ ...target, deletion: 'withheld' })).kind, 'ticked');
  const withheld = store.log.filter(({ stream }) => stream === 'subscription-acme_s1');
  assert.not.ok(withheld.some(({ type }) => type === 'SubscriptionDeleted'));
  assert.is((await commands.load('acme', 's1'))?.status, 'disabled');
  assert.is((await commands.tick({ ...target, deletion: 'cleared' })).kind, 'ticked');
  const last = store.log.filter(({ stream }) => stream === 'subscription-acme_s1').at(-1);
  assert.is(last?.type, 'SubscriptionDeleted');
  assert.ok((last?.metadata.effectiveAt ?? '') < '2028-03-01');
  assert.is(last?.metadata.recordedAt, '2028-03-01T00:00:00.000Z');
  assert.equal(await commands.tick({ ...target, deletion: 'ask' }), { kind: 'nothing' });
});

test('the list of actions is made for the caller', async () => {
  const { execute, commands } = setUp();
  await execute(create, 'c1');
  const ask = (roles: readonly string[]) =>
    commands.actions({ tenant: 'acme', subscriptionId: 's1', actor: { type: 'user', id: 'known' }, roles });
  const [admin, auditor] = [await ask(['global-admin']), await ask(['auditor'])];
  assert.ok(admin.kind === 'found' && auditor.kind === 'found');
  if (admin.kind !== 'found' || auditor.kind !== 'found') return;
  assert.is(admin.actions.find(({ command }) => command === 'activate')?.available, true);
  assert.is(auditor.actions.find(({ command }) => command === 'activate')?.available, false);
  assert.is(
    (await commands.actions({ tenant: 'acme', subscriptionId: 'nope', actor: { type: 'user', id: 'x' }, roles: [] }))
      .kind,
    'not-found',
  );
});

const trial = (planId: string): SubscriptionCommand => {
  if (create.name !== 'create') throw new TypeError('a create is expected');
  return { name: 'create', body: { ...create.body, planId, trial: true } };
};

test('31: a tenant has one trial of an offer, also when two ask at once', async () => {
  const { execute, store, service } = setUp();
  const ask = (subscriptionId: string, planId: string) => execute(trial(planId), subscriptionId, { subscriptionId });
  const answers = await Promise.all([ask('t1', 'e3'), ask('t2', 'e3')]);
  assert.equal(answers.map(({ kind }) => kind).sort(), ['accepted', 'refused']);
  const refusal = answers.find((answer) => answer.kind === 'refused');
  assert.equal(refusal?.kind === 'refused' && refusal.reasonCodes, ['TRIAL_ALREADY_USED']);
  assert.is((await ask('t3', 'e5')).kind, 'accepted', 'another offer');
  assert.is(store.log.filter(({ type }) => type === 'TrialReserved').length, 2);
  await service().close();
});

test('a repeated create keeps its trial; one that was given up before it began leaves it to others', async () => {
  const { execute, service } = setUp();
  const ask = (subscriptionId: string) => execute(trial('e3'), subscriptionId, { subscriptionId });
  assert.is((await ask('t1')).kind, 'accepted');
  assert.is((await ask('t1')).kind, 'repeated');
  assert.is((await ask('t2')).kind, 'refused');
  await execute(cancel, 'x', { subscriptionId: 't1' });
  assert.is((await ask('t2')).kind, 'accepted');
  await execute(activate, 'a', { subscriptionId: 't2' });
  await execute(cancel, 'y', { subscriptionId: 't2' });
  assert.is((await ask('t3')).kind, 'refused', 'it was had');
  await service().close();
});

test('a crash between a trial’s reservation and its create: a retry finishes it, and it is not lost for ever', async () => {
  for (const isRetried of [true, false]) {
    const { execute, store, setNow } = setUp();
    const ask = (subscriptionId: string) => execute(trial('e3'), subscriptionId, { subscriptionId });
    store.beforeAppend = (call) => {
      if (call === 2) throw new Error('crashed');
    };
    const crashed = await ask('t1').catch((error: Error) => error.message);
    assert.is(crashed, 'crashed');
    assert.equal(
      store.log.map(({ type }) => type),
      ['TrialReserved'],
    );
    assert.is((await ask('t2')).kind, 'refused', 'the create may be under way');
    if (isRetried) assert.is((await ask('t1')).kind, 'accepted');
    setNow('2027-03-01T00:16:00.000Z');
    assert.is((await ask('t2')).kind, isRetried ? 'refused' : 'accepted');
    assert.is((await ask('t1')).kind, isRetried ? 'repeated' : 'refused', 'two trials there never are');
    assert.is(store.log.filter(({ type }) => type === 'SubscriptionCreated').length, 1);
  }
});

test('a dry run of a trial reserves nothing', async () => {
  const { execute, store } = setUp();
  assert.is((await execute(trial('e3'), 'c1', { dryRun: true })).kind, 'accepted');
  assert.equal(store.log, []);
});

test('a note is stored encrypted', async () => {
  const { execute, store } = setUp();
  await execute(create, 'c1');
  await execute({ name: 'add-note', body: { text: 'called twice' } }, 'c2');
  assert.equal(store.log.at(-1)?.data, { text: 'sealed(known,12)' });
});

test('a plan change is decided on the plan that is wanted', async () => {
  const { execute } = setUp();
  await execute(create, 'c1');
  await execute(activate, 'c2');
  const result = await execute({ name: 'change-plan', body: { planId: 'e5', when: 'now' } }, 'c3');
  assert.equal(
    events(result).map(({ type }) => type),
    ['PlanChanged'],
  );
});

test.run();
