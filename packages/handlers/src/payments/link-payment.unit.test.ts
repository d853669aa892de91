import { eventDefinitions, paymentFactSchema, type SubscriptionCommand } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCommandService } from '../command-handling/create-command-service.ts';
import type { CommandRequest } from '../command-handling/command-service.ts';
import { createTenantService } from '../tenants/tenant-service.ts';
import { createMemoryEventStore } from '../testing/memory-event-store.ts';
import { linkPayments } from './link-payment.ts';
import { PaymentDesk } from './payment-desk.ts';
import { createPaymentStreams } from './payment-streams.ts';

const test = suite('link-payment (domain.md 6.2)');

const now = '2027-03-01T00:00:00.000Z';

async function setUp() {
  const store = createMemoryEventStore(eventDefinitions);
  const clock = { virtual: false, now: () => now, onAdvance: () => () => undefined };
  const commands = createCommandService({
    store,
    clock,
    vault: { userIdOf: async () => undefined, encrypt: async (_, text) => text },
    plans: { version: () => 'c', plan: () => undefined },
    tenants: createTenantService({ store, clock }),
    newId: () => crypto.randomUUID(),
  });
  const link = linkPayments({
    commands,
    store,
    clock,
    find: async (eventId) => (eventId === 'evt_1' ? { provider: 'demo', object: 'in_1' } : undefined),
  });
  const execute = (command: SubscriptionCommand, subscriptionId = 's1', more: Partial<CommandRequest> = {}) =>
    link({
      tenant: 'acme',
      subscriptionId,
      command,
      commandId: `${command.name} ${subscriptionId}`,
      actor: { type: 'support', id: 'sam' },
      roles: ['global-admin'],
      correlationId: 'k',
      ...more,
    });
  for (const id of ['s1', 's2']) {
    await execute(create, id);
    await execute({ name: 'activate', body: {} }, id);
  }
  const desk = new PaymentDesk({ streams: createPaymentStreams({ store, clock }), commands, clock });
  await desk.receive({ kind: 'fact', fact }, { correlationId: 'k', causationId: 'PAYMENTS:1' });
  return { store, execute, count: (type: string) => store.log.filter((event) => event.type === type).length };
}

const create: SubscriptionCommand = {
  name: 'create',
  body: {
    planId: 'e3',
    seats: 1,
    term: 'P1M',
    zone: 'UTC',
    profile: 'direct-mosa-2020',
    channel: 'direct',
    recurringBilling: true,
    trial: false,
    providerRefs: {},
  },
};

const fact = paymentFactSchema.parse({
  kind: 'settled',
  provider: 'demo',
  providerEventId: 'evt_1',
  providerObjectId: 'in_1',
  amount: { minor: 1000, currency: 'EUR' },
  occurredAt: now,
});

const named = (paymentId: string): SubscriptionCommand => ({ name: 'link-payment', body: { paymentId } });

for (const paymentId of ['evt_1', 'demo/in_1']) {
  test(`a payment that waits is applied to the subscription that it is linked to: ${paymentId}`, async () => {
    const { execute, count } = await setUp();
    const result = await execute(named(paymentId));
    assert.equal(result.kind === 'accepted' && [result.status, result.version], ['active', 2]);
    assert.equal([count('PaymentFactMatched'), count('PaymentFactRecorded'), count('PaymentFactApplied')], [1, 1, 1]);
    await execute(named(paymentId), 's1', { commandId: 'again' });
    assert.is(count('PaymentFactRecorded'), 1, 'once');
  });
}

test('a payment that belongs to another subscription already is refused', async () => {
  const { execute } = await setUp();
  await execute(named('evt_1'));
  const result = await execute(named('evt_1'), 's2');
  assert.equal(result.kind === 'refused' && result.reasonCodes, ['PAYMENT_ALREADY_MATCHED']);
});

test('a payment that nobody knows, and a caller who may not', async () => {
  const { execute, count } = await setUp();
  const unknown = await execute(named('evt_9'));
  assert.equal(unknown.kind === 'refused' && unknown.reasonCodes, ['PAYMENT_NOT_FOUND']);
  const absent = await execute(named('demo/in_9'));
  assert.equal(absent.kind === 'refused' && absent.reasonCodes, ['PAYMENT_NOT_FOUND']);
  const forbidden = await execute(named('evt_1'), 's1', { roles: ['billing-admin'] });
  assert.equal(forbidden.kind === 'refused' && forbidden.reasonCodes, ['ROLE_MISSING']);
  assert.is((await execute(named('evt_1'), 'nobody')).kind, 'not-found');
  assert.is(count('CommandRefused'), 3, 'auditors ask who tried what');
  assert.is(count('PaymentFactMatched'), 0);
});

test('a dry run says what linking does, and only says it', async () => {
  const { execute, count, store } = await setUp();
  const before = store.log.length;
  const dry = await execute(named('evt_1'), 's1', { dryRun: true });
  assert.is(store.log.length, before);
  const real = await execute(named('evt_1'), 's1', { commandId: 'link' });
  assert.ok(dry.kind === 'accepted' && real.kind === 'accepted' && store.log.length > before);
  assert.equal([dry.status, dry.version, dry.events], [real.status, real.version, real.events]);
  const taken = await execute(named('evt_1'), 's2', { dryRun: true, commandId: 'taken' });
  assert.equal(taken.kind === 'refused' && taken.reasonCodes, ['PAYMENT_ALREADY_MATCHED']);
  const absent = await execute(named('demo/in_9'), 's1', { dryRun: true });
  assert.is(absent.kind, 'refused');
  assert.is(count('PaymentFactMatched'), 1);
});

test('linked to a deleted subscription, the money is due back', async () => {
  const { execute, count } = await setUp();
  await execute({ name: 'cancel-now', body: {} }, 's1');
  await execute({ name: 'delete-now', body: { confirm: 's1' } });
  const result = await execute(named('evt_1'));
  assert.equal(result.kind === 'accepted' && result.status, 'deleted');
  assert.is(count('RefundDueRaised'), 1);
});

test.run();
