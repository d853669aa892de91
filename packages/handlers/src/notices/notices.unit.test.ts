import { eventDefinitions, noticesStream, type SubscriptionCommand } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCommandService } from '../command-handling/create-command-service.ts';
import { createTenantService } from '../tenants/tenant-service.ts';
import { createMemoryEventStore } from '../testing/memory-event-store.ts';
import { createNoticeService } from './notice-service.ts';
import { startNotices, type DueNotice } from './start-notices.ts';

const test = suite('looking after notices');
const stream = noticesStream('acme', 's1');
const target = { tenant: 'acme', subscriptionId: 's1' };
const firstNotice = 'term-end-20270401T000000000Z-P30D';

async function setUp() {
  const store = createMemoryEventStore(eventDefinitions);
  let now = '2027-03-01T00:00:00.000Z';
  const clock = { virtual: true, now: () => now, onAdvance: () => () => undefined };
  const tenants = createTenantService({ store, clock });
  const commands = createCommandService({
    store,
    clock,
    vault: { userIdOf: async () => undefined, encrypt: async (_owner, text) => text },
    plans: { version: () => 'catalogue-1', plan: (planId) => ({ planId, apps: ['word'] }) },
    tenants,
    newId: () => crypto.randomUUID(),
    onDeadlinesPassed: async (subscription) => {
      if (onDeadlines.fault !== null) throw onDeadlines.fault;
      if (onDeadlines.review) await service().review(subscription);
    },
  });
  const onDeadlines: { review: boolean; fault: Error | null } = { review: false, fault: null };
  const cause = { actor: { type: 'user' as const, id: 'admin' }, roles: ['global-admin'], correlationId: 'request-1' };
  const execute = async (command: SubscriptionCommand): Promise<void> => {
    const commandId = `${command.name} ${now}`;
    assert.is((await commands.execute({ ...target, ...cause, command, commandId })).kind, 'accepted');
  };
  const body = { planId: 'e3', seats: 3, term: 'P1M' as const, zone: 'UTC', profile: 'direct-mosa-2020' };
  const create = { ...body, channel: 'direct' as const, recurringBilling: false, trial: false, providerRefs: {} };
  await execute({ name: 'create', body: create });
  await execute({ name: 'activate', body: {} });
  const service = () => createNoticeService({ store, clock, commands, tenants });
  const events = () => store.log.filter((event) => event.stream === stream);
  const report = { ...target, noticeId: firstNotice, cause: { ...cause, commandId: 'report-1' } };
  return {
    onDeadlines,
    store,
    clock,
    commands,
    tenants,
    execute,
    service,
    events,
    report,
    setNow: (to: string) => (now = to),
  };
}

test('a look writes what is due in one append, in its envelope; a second look writes nothing', async () => {
  const { service, events, setNow } = await setUp();
  setNow('2027-03-18T00:00:00.000Z');
  assert.is((await service().review(target)).eventCount, 3);
  assert.equal(
    events().map(({ type, metadata }) => `${type} ${metadata.effectiveAt}`),
    [
      'NoticeQueued 2027-03-02T00:00:00.000Z',
      'NoticeLapsed 2027-03-18T00:00:00.000Z',
      'NoticeQueued 2027-03-18T00:00:00.000Z',
    ],
  );
  const { actor, policy, tenant, recordedAt } = events()[0]?.metadata ?? {};
  assert.equal(
    [actor?.id, policy, tenant, recordedAt],
    ['notices', 'direct-mosa-2020@1', 'acme', '2027-03-18T00:00:00.000Z'],
  );
  assert.is((await service().review(target)).eventCount, 0);
});

test('the language is that of the organisation when the notice is queued', async () => {
  const { service, events, tenants, setNow } = await setUp();
  const statement = { actor: { type: 'user' as const, id: 'a', roles: [] }, commandId: 't1', correlationId: 't1' };
  await tenants.describeTenant('acme', { language: 'nl-BE' }, statement);
  setNow('2027-03-02T00:00:00.000Z');
  await service().review(target);
  assert.equal(
    [...events()].map(({ data }) => (data as { language?: string }).language),
    ['nl'],
  );
});

test('a look that lost a race is made on what the subscription says after it', async () => {
  const { store, service, events, execute, setNow } = await setUp();
  setNow('2027-03-02T00:00:00.000Z');
  await service().review(target);
  setNow('2027-03-19T00:00:00.000Z');
  let isFirst = true;
  store.beforeAppend = async () => {
    if (!isFirst) return;
    isFirst = false;
    // Meanwhile recurring billing is turned on, and somebody else has looked.
    await execute({ name: 'set-recurring-billing', body: { on: true } });
    await service().review(target);
  };
  await service().review(target);
  const queued = events().filter(({ type }) => type === 'NoticeQueued');
  const withdrawn = events().filter(({ type }) => type === 'NoticeWithdrawn');
  assert.equal([queued.length, withdrawn.length], [2, 1], 'nothing is queued for a deadline that is gone');
  assert.is(events().at(-1)?.type, 'NoticeWithdrawn');
});

test('a command that fires deadlines leaves the same notices as timers in time would have', async () => {
  const { events, execute, setNow, onDeadlines } = await setUp();
  setNow('2027-05-10T00:00:00.000Z');
  onDeadlines.review = true;
  await execute({ name: 'add-note', body: { text: 'hello' } });
  const types = events().map(({ type }) => type);
  assert.is(types.filter((type) => type === 'NoticeQueued').length, 10, types.join());
  assert.ok(
    events().some(
      ({ type, metadata }) => type === 'NoticeLapsed' && metadata.effectiveAt === '2027-04-01T00:00:00.000Z',
    ),
    'of the term that was passed over',
  );
  const count = events().length;
  await execute({ name: 'export-data', body: {} });
  assert.is(events().length, count);
});

test('that people could not be told is no fault of the command', async () => {
  const { events, execute, setNow, onDeadlines } = await setUp();
  setNow('2027-05-10T00:00:00.000Z');
  onDeadlines.review = true;
  onDeadlines.fault = new Error('no such store');
  await execute({ name: 'add-note', body: { text: 'hello' } });
  assert.equal(events(), []);
});

test('reports are recorded once, by any process', async () => {
  const { service, events, report, setNow } = await setUp();
  setNow('2027-03-02T00:00:00.000Z');
  await service().review(target);
  const sent = { ...report, report: { outcome: 'sent' as const, reference: 'm-1' } };
  const first = await service().report(sent);
  assert.equal([first.kind, 'status' in first && first.status], ['recorded', 'sent']);
  assert.is((await service().report(sent)).kind, 'repeated');
  assert.is((await service().report({ ...sent, noticeId: 'nothing' })).kind, 'not-found');
  assert.is(events().filter(({ type }) => type === 'NoticeSent').length, 1);
});

test('the role looks once at each subscription that has something due, page by page', async () => {
  const looked: string[] = [];
  const due = Array.from({ length: 7 }, (_, index): DueNotice => ({
    tenant: 'acme',
    subscriptionId: `s${Math.floor(index / 2)}`,
    noticeId: `n${index}`,
    version: '1',
  }));
  const role = startNotices({
    due: { noticesDue: async (_now, limit, after) => due.slice(after ? due.indexOf(after) + 1 : 0).slice(0, limit) },
    notices: {
      review: async ({ subscriptionId }) => {
        looked.push(subscriptionId);
        return { eventCount: 0 };
      },
    },
    store: { lastPosition: async () => 1n },
    clock: { now: () => '2027-03-01T00:00:00.000Z', onAdvance: () => () => undefined },
    batchCountMax: 4,
    pollIntervalMs: 600_000,
  });
  await role.runUntilNoneDue('2027-03-01T00:00:00.000Z');
  assert.equal([...new Set(looked)].sort(), ['s0', 's1', 's2', 's3']);
  const count = looked.length;
  await role.runUntilNoneDue('2027-03-01T00:00:00.000Z');
  assert.is(looked.length, count, 'what was looked at in vain is not looked at again');
  for (const [index, notice] of due.entries()) due[index] = { ...notice, version: '2' };
  await role.runUntilNoneDue('2027-03-01T00:00:00.000Z');
  assert.ok(looked.length > count, 'until something changed');
  await role.stop();
});

test.run();
