/**
 * The write side on real engines, with a virtual clock, a vault in a temporary directory and one plan.
 *
 * @module
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paymentStream, subscriptionStream, type SubscriptionCommand } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import {
  createCommandService,
  createTenantService,
  followVirtualClock,
  openPersonVault,
  publishPayment,
  type CommandResult,
  type CommandService,
  type PaymentCloudEvent,
  type PersonVault,
  type PlanSource,
  type PublishOutcome,
  type VirtualClock,
} from '@perennial/handlers';
import type { Engines } from './engines.ts';

/** The write side without its roles. */
export type WriteSide = {
  readonly commands: CommandService;
  readonly clock: VirtualClock;
  readonly vault: PersonVault;
  /** Creates and activates a monthly subscription of tenant `acme`; answers its id. */
  subscribe(id: string, body?: object): Promise<string>;
  execute(id: string, command: SubscriptionCommand, commandId?: string): Promise<CommandResult>;
  /** Publishes a settled payment over the broker. */
  pay(payment: { readonly id: string; readonly ref: string } & Record<string, unknown>): Promise<PublishOutcome>;
  /** Events of a subscription of `acme`. */
  events(id: string): Promise<RecordedEvent[]>;
  /** Events in the stream of a payment object. */
  paymentEvents(object: string): Promise<RecordedEvent[]>;
  stop(): Promise<void>;
};

/** When the clock of these tests begins. */
export const start = '2027-03-01T00:00:00.000Z';

const onePlan: PlanSource = {
  version: () => 'test-1',
  plan: (planId) => (planId === 'e3' ? { planId, apps: ['word'] } : undefined),
};

/** Opens the write side on the engines; nothing is asked of a read side. */
export async function openWriteSide(engines: Engines, plans: PlanSource = onePlan): Promise<WriteSide> {
  const { store, broker } = engines;
  const clock = await followVirtualClock(store, start);
  const vault = openPersonVault({ directory: mkdtempSync(join(tmpdir(), 'perennial-vault-')) });
  const commands = createCommandService({
    store,
    clock,
    vault,
    tenants: createTenantService({ store, clock }),
    plans,
    newId: () => crypto.randomUUID(),
  });
  let commandCount = 0;
  const execute: WriteSide['execute'] = (subscriptionId, command, commandId = `command-${(commandCount += 1)}`) =>
    commands.execute({
      tenant: 'acme',
      subscriptionId,
      command,
      commandId,
      actor: { type: 'user', id: 'admin' },
      roles: ['global-admin'],
      correlationId: commandId,
    });
  const read = async (stream: string) => {
    const events: RecordedEvent[] = [];
    for await (const event of store.readStream(stream)) events.push(event);
    return events;
  };
  return {
    commands,
    clock,
    vault,
    execute,
    subscribe: async (id, body = {}) => {
      const created = await execute(id, {
        name: 'create',
        body: {
          planId: 'e3',
          seats: 5,
          term: 'P1M',
          zone: 'UTC',
          profile: 'direct-mosa-2020',
          channel: 'direct',
          recurringBilling: true,
          trial: false,
          providerRefs: {},
          ...body,
        },
      });
      const activated = await execute(id, { name: 'activate', body: {} });
      if (created.kind !== 'accepted' || activated.kind !== 'accepted') {
        throw new Error(`could not subscribe: ${JSON.stringify([created, activated])}`);
      }
      return id;
    },
    pay: ({ id, ref, ...data }) => publishPayment(broker, settled(id, ref, { occurredAt: clock.now(), ...data })),
    events: (id) => read(subscriptionStream('acme', id)),
    paymentEvents: (object) => read(paymentStream('acmepay', object)),
    stop: async () => {
      await commands.close();
      await clock.close();
      await vault.close();
    },
  };
}

/** A settled payment of 10 euro as a CloudEvent. */
export function settled(id: string, ref: string, data: Record<string, unknown> = {}): PaymentCloudEvent {
  return {
    specversion: '1.0',
    id,
    source: '/billing',
    type: 'payment.settled',
    data: {
      provider: 'acmepay',
      providerEventId: id,
      providerObjectId: `object-${id}`,
      subscriptionRef: ref,
      amount: { minor: 1000, currency: 'EUR' },
      ...data,
    },
  };
}
