import {
  eventDefinitions,
  pagedEntries,
  subscriptionStream,
  type SubscriptionCommand,
  type SubscriptionHeader,
} from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CommandResult } from '../command-handling/command-service.ts';
import { createCommandService } from '../command-handling/create-command-service.ts';
import { subscriptionAggregate } from '../command-handling/subscription-aggregate.ts';
import { createTenantService } from '../tenants/tenant-service.ts';
import { createMemoryEventStore } from '../testing/memory-event-store.ts';

const test = suite('reactivation as a new subscription (domain.md 1.4 and 6.1, MCA)');

const paymentMethod = { kind: 'card', token: 'tok_1', country: 'NL', expires: '2099-12' } as const;
const price = { minor: 1000, currency: 'EUR' };
const ended = '2027-04-11T00:00:00.000Z';

/** A monthly subscription of the profile that expired on 2027-04-01, with so many people in it. */
async function expired(people = 2, seats = Math.max(people, 3)) {
  const store = createMemoryEventStore(eventDefinitions);
  let now = '2027-03-01T00:00:00.000Z';
  let endOfSale: string | undefined;
  const clock = { virtual: false, now: () => now, onAdvance: () => () => undefined };
  const service = () =>
    createCommandService({
      store,
      clock,
      vault: { userIdOf: async () => undefined, encrypt: async (_owner, text) => text },
      plans: {
        version: () => undefined,
        plan: (planId) => ({ planId, apps: [], ...(endOfSale === undefined ? {} : { endOfSale }) }),
      },
      tenants: createTenantService({ store, clock }),
      newId: () => crypto.randomUUID(),
    });
  const cause = {
    tenant: 'acme',
    actor: { type: 'user' as const, id: 'admin' },
    roles: ['global-admin'],
    correlationId: 'request-1',
  };
  let count = 0;
  const commands = service();
  const give = (command: SubscriptionCommand, commandId = `c${(count += 1)}`, by = commands) =>
    by.execute({ ...cause, subscriptionId: 'old', command, commandId });
  await give({
    name: 'create',
    body: {
      planId: 'business',
      seats,
      term: 'P1M',
      zone: 'Europe/Amsterdam',
      profile: 'direct-mca-2024',
      channel: 'direct',
      recurringBilling: false,
      trial: false,
      price,
      providerRefs: {},
    },
  });
  await give({ name: 'activate', body: {} });
  for (let index = 0; index < people; index += 1) {
    await give({ name: 'assign-license', body: { personId: `p${index}`, appsOff: ['teams'] } });
  }
  now = ended;
  const stateOf = (id: string) =>
    store.log
      .filter(({ stream }) => stream === subscriptionStream('acme', id))
      .reduce((state, event) => subscriptionAggregate.evolve(state, event), subscriptionAggregate.initial);
  return {
    store,
    service,
    commands,
    reactivate: (commandId?: string, by = commands, more: { dryRun?: boolean } = {}) =>
      by.execute({
        ...cause,
        ...more,
        roles: ['billing-admin'],
        subscriptionId: 'old',
        command: { name: 'reactivate', body: { paymentMethod } },
        commandId: commandId ?? `c${(count += 1)}`,
      }),
    tick: (by = commands) => by.tick({ tenant: 'acme', subscriptionId: 'old', deletion: 'ask' }),
    header: (id: string): SubscriptionHeader => {
      const { header } = stateOf(id);
      if (header === null) throw new Error(`there is no ${id}`);
      return header;
    },
    people: (id: string) => [...pagedEntries(stateOf(id).seats)].map(([personId, { appsOff }]) => [personId, appsOff]),
    typesIn: (id: string) =>
      store.log.filter(({ stream }) => stream === subscriptionStream('acme', id)).map(({ type }) => type),
    created: () => store.log.filter(({ type }) => type === 'SubscriptionCreated').length,
    endSale: () => (endOfSale = ended),
  };
}

function accepted(result: CommandResult): Extract<CommandResult, { kind: 'accepted' | 'repeated' }> {
  if (result.kind === 'accepted' || result.kind === 'repeated') return result;
  throw new Error(JSON.stringify(result));
}

test('the same commitment from the day of reactivation, linked both ways, with the people who were in it', async () => {
  const { reactivate, header, people, typesIn } = await expired();
  const result = accepted(await reactivate());
  const made = header(result.subscriptionId);
  assert.is.not(result.subscriptionId, 'old');
  assert.equal([result.status, result.version], ['active', made.revision]);
  assert.equal(
    [made.status, made.termStart, made.termEnd, made.planId, made.seatsPurchased, made.price, made.recurringBilling],
    ['active', ended, '2027-05-11T00:00:00.000Z', 'business', 3, price, false],
  );
  assert.equal([made.zone, made.policy, made.paymentMethod?.token], ['Europe/Amsterdam', 'direct-mca-2024@1', 'tok_1']);
  assert.is(made.termPaid, false, 'its first payment is awaited like any');
  assert.equal([made.reactivatedFrom, header('old').successor?.subscriptionId], ['old', result.subscriptionId]);
  assert.equal(people(result.subscriptionId), [
    ['p0', ['teams']],
    ['p1', ['teams']],
  ]);
  assert.equal([people('old'), header('old').status], [[], 'expired']);
  assert.equal(typesIn('old').slice(-4), ['SuccessorReserved', 'LicenseMoved', 'LicenseMoved', 'SuccessorStarted']);
  assert.equal(
    result.events.map(({ type }) => type),
    [
      'SubscriptionExpired',
      'PaymentMethodChanged',
      'SuccessorReserved',
      'SubscriptionCreated',
      'PaymentMethodChanged',
      'SubscriptionActivated',
    ],
  );
});

test('a repeat answers with the same subscription and appends nothing; another reactivation is refused', async () => {
  const { store, reactivate, service, created } = await expired();
  const first = accepted(await reactivate('r1'));
  const length = store.log.length;
  for (const by of [undefined, service()]) {
    const again = accepted(await reactivate('r1', by));
    assert.equal([again.kind, again.subscriptionId], ['repeated', first.subscriptionId]);
    assert.equal(again.events, first.events);
  }
  assert.is(store.log.length, length);
  const other = await reactivate('r2');
  assert.equal(other.kind === 'refused' && other.reasonCodes, ['REACTIVATED_AS_NEW']);
  assert.is(created(), 2);
});

test('a dry run makes nothing, and answers what will be made', async () => {
  const { store, reactivate } = await expired(0);
  const length = store.log.length;
  const asked = accepted(await reactivate('r1', undefined, { dryRun: true }));
  assert.is(store.log.length, length);
  const made = accepted(await reactivate('r1'));
  assert.equal(
    [asked.subscriptionId, asked.status, asked.termEnd, asked.version],
    [made.subscriptionId, made.status, made.termEnd, made.version],
  );
  assert.equal(
    asked.events.map(({ type, effectiveAt }) => [type, effectiveAt]),
    made.events.map(({ type, effectiveAt }) => [type, effectiveAt]),
  );
  assert.ok(asked.events.every(({ id }) => id === ''));
});

test('a dry run says why nothing could be made', async () => {
  const { store, reactivate, endSale } = await expired();
  endSale();
  const length = store.log.length;
  const result = await reactivate('r1', undefined, { dryRun: true });
  assert.equal(result.kind === 'refused' && result.reasonCodes, ['OFFER_END_OF_SALE']);
  assert.is(store.log.length, length);
});

test('a crash after any append is finished by the timers, or by a repeat, and makes one subscription', async () => {
  for (let appends = 1; appends <= 9; appends += 1) {
    for (const finish of ['tick', 'repeat'] as const) {
      const side = await expired();
      let left = appends;
      side.store.beforeAppend = () => {
        left -= 1;
        if (left < 0) throw Object.assign(new Error('crashed'), { code: 'CRASHED' });
      };
      await side.reactivate('r1').catch(() => undefined);
      side.store.beforeAppend = () => undefined;
      const restarted = side.service();
      if (finish === 'tick') await side.tick(restarted);
      const { subscriptionId } = accepted(await side.reactivate('r1', restarted));
      const label = `${finish} after ${appends} appends`;
      assert.is(side.created(), 2, label);
      assert.equal([side.people('old').length, side.people(subscriptionId).length], [0, 2], label);
      assert.equal(
        [side.header('old').successor?.started, side.header(subscriptionId).status],
        [true, 'active'],
        label,
      );
      assert.is(side.typesIn('old').filter((type) => type === 'SuccessorStarted').length, 1, label);
    }
  }
});

test('more people than a request may wait for are moved by the timers', async () => {
  const { reactivate, tick, people, header } = await expired(30);
  const { subscriptionId } = accepted(await reactivate());
  assert.equal([people('old').length, header('old').successor?.started], [10, false]);
  assert.is((await tick()).kind, 'ticked');
  assert.equal([people('old').length, people(subscriptionId).length, header('old').successor?.started], [0, 30, true]);
  assert.is((await tick()).kind, 'nothing');
});

test('what cannot be made is given back: the reasons are the answer, and another day it is possible again', async () => {
  const { store, reactivate, endSale, header, created } = await expired();
  store.beforeAppend = () => void endSale();
  const result = await reactivate('r1');
  assert.equal(result.kind === 'refused' && result.reasonCodes, ['OFFER_END_OF_SALE']);
  assert.equal([header('old').successor, created()], [null, 1]);
});

test("a late payment of the old one is the customer's money: it does not come back beside the new one", async () => {
  const { reactivate, commands, header } = await expired();
  await reactivate();
  const fact = {
    kind: 'settled',
    provider: 'stripe',
    providerEventId: 'evt_1',
    providerObjectId: 'in_1',
    amount: { minor: 3000, currency: 'EUR' },
    occurredAt: ended,
  } as const;
  await commands.applyFact({ tenant: 'acme', subscriptionId: 'old', fact, correlationId: 'c', causationId: 'c' });
  assert.equal([header('old').status, header('old').credit?.minor], ['expired', 3000]);
});

test.run();
