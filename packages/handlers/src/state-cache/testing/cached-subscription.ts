/**
 * A subscription's stream written by a command service of its own, for tests that compare what caches hold.
 *
 * @module
 */
import {
  eventDefinitions,
  pagedEntries,
  subscriptionStream,
  type PaymentFact,
  type SubscriptionCommand,
  type SubscriptionState,
} from '@perennial/domain';
import { createCommandService } from '../../command-handling/create-command-service.ts';
import { createTenantService } from '../../tenants/tenant-service.ts';
import { createMemoryEventStore, type MemoryEventStore } from '../../testing/memory-event-store.ts';
import type { CachedState, StateCache } from '../state-cache.ts';

/** The stream that everything happens to. */
export const stream = subscriptionStream('acme', 's1');

/** What one step does. */
export type Step =
  | { readonly kind: 'command'; readonly command: SubscriptionCommand }
  | { readonly kind: 'payment'; readonly object: number }
  | { readonly kind: 'days'; readonly count: number }
  | { readonly kind: 'tick' };

const create: SubscriptionCommand = {
  name: 'create',
  body: {
    planId: 'e3',
    seats: 300,
    term: 'P1M',
    zone: 'UTC',
    profile: 'direct-mosa-2020',
    channel: 'direct',
    recurringBilling: true,
    trial: false,
    price: { minor: 10, currency: 'EUR' },
    providerRefs: {},
  },
};

/** What makes it active. */
export const began: readonly Step[] = [
  { kind: 'command', command: create },
  { kind: 'payment', object: 0 },
  { kind: 'command', command: { name: 'activate', body: {} } },
];

/** One seat more for another person. */
export function seatStep(index: number): Step {
  return { kind: 'command', command: { name: 'assign-license', body: { personId: `person-${index}`, appsOff: [] } } };
}

/** A service whose answers depend on nothing but the steps. */
export function createSubject(store: MemoryEventStore = createMemoryEventStore(eventDefinitions)) {
  let at = Date.parse('2027-03-01T00:00:00.000Z');
  let stepCount = 0;
  const clock = { virtual: false, now: () => new Date(at).toISOString(), onAdvance: () => () => undefined };
  const target = { tenant: 'acme', subscriptionId: 's1' };
  const serviceWith = (cache: StateCache<SubscriptionState>) =>
    createCommandService({
      store,
      clock,
      cache,
      vault: { userIdOf: async () => undefined, encrypt: async (_, text) => `sealed(${text.length})` },
      plans: { version: () => 'catalogue-1', plan: (planId) => ({ planId, apps: ['word'] }) },
      tenants: createTenantService({ store, clock }),
      newId: () => `id-${stepCount}`,
    });
  return {
    store,
    serviceWith,
    /** Takes a step with the commands on this cache, and answers what they said. */
    take: async (step: Step, cache: StateCache<SubscriptionState>): Promise<unknown> => {
      const commands = serviceWith(cache);
      stepCount += 1;
      switch (step.kind) {
        case 'command':
          return commands.execute({
            ...target,
            command: step.command,
            commandId: `c-${stepCount}`,
            actor: { type: 'user', id: 'known' },
            roles: ['global-admin'],
            correlationId: 'request',
          });
        case 'payment':
          return commands.applyFact({
            ...target,
            fact: paid(step.object, clock.now()),
            correlationId: 'r',
            causationId: 'r',
          });
        case 'days':
          at += step.count * 24 * 3_600_000;
          return undefined;
        case 'tick':
          return commands.tick({ ...target, deletion: 'withheld' });
        default:
          return step satisfies never;
      }
    },
  };
}

function paid(object: number, occurredAt: string): PaymentFact {
  return {
    kind: 'settled',
    provider: 'test',
    providerEventId: `event-${object}-${occurredAt}`,
    providerObjectId: `payment-${object}`,
    amount: { minor: 3_000, currency: 'EUR' },
    occurredAt,
  };
}

/** Everything that a cached state says, in a form that two caches agree on. */
export function contentOf(cached: CachedState<SubscriptionState> | undefined): unknown {
  if (cached === undefined) return undefined;
  const { seats, commandIds, ledger, ...rest } = cached.state;
  const sorted = <V>(map: Parameters<typeof pagedEntries<V>>[0]) => [map.size, [...pagedEntries(map)].sort(byKey)];
  return {
    ...rest,
    seats: sorted(seats),
    commandIds: sorted(commandIds),
    entries: sorted(ledger.entries),
    refundedOnly: ledger.refundedOnly,
    head: cached.head,
    position: cached.position,
  };
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
