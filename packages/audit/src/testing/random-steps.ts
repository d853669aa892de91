/**
 * Random steps of subscriptions, seats and catalogues, for properties.
 *
 * @module
 */
import type { Plan, SubscriptionCommandName } from '@perennial/domain';
import * as fc from 'fast-check';
import { fact, type TestSubscription } from './test-log.ts';

/** A desktop app. */
export const word = { appId: 'word', name: 'Word', kind: 'desktop' } as const;
/** A service. */
export const teams = { appId: 'teams', name: 'Teams', kind: 'service' } as const;
/** Another service. */
export const loop = { appId: 'loop', name: 'Loop', kind: 'service' } as const;
/** A plan named by its id. */
export const plan = (planId: string, ...apps: Plan['apps']): Plan => ({ planId, name: planId, apps });

const card = { kind: 'card', token: 'tok_1', country: 'NL', expires: '2099-12' } as const;
const commands: readonly (readonly [SubscriptionCommandName, object?])[] = [
  ['assign-license', { personId: 'alice' }],
  ['assign-license', { personId: 'alice', appsOff: ['word'] }],
  ['assign-license', { personId: 'bob' }],
  ['unassign-license', { personId: 'alice' }],
  ['cancel-now'],
  ['disable', { reason: 'admin' }],
  ['reactivate', { paymentMethod: card }],
  ['set-recurring-billing', { on: false }],
  ['add-seats', { count: 1 }],
  ['remove-seats', { count: 1 }],
  ['change-plan', { planId: 'enterprise' }],
  ['pause'],
  ['suspend'],
  ['resume', { hold: 'pause' }],
  ['resume', { hold: 'suspend' }],
];
const kinds = ['settled', 'settled', 'failed', 'refunded', 'dispute_opened'] as const;

/** One step, some hours after the beginning, of one of two subscriptions. */
export const step = fc.record({
  hours: fc.integer({ min: 0, max: 150 * 24 }),
  which: fc.nat(1),
  what: fc.oneof(
    fc.record({ command: fc.constantFrom(...commands) }),
    fc.record({
      fact: fc.constantFrom(...kinds),
      object: fc.constantFrom('in_1', 'in_2'),
      lateDays: fc.constantFrom(0, 0, 1, 30),
    }),
    fc.record({ seat: fc.constantFrom('device-1', 'device-2', 'apps') }),
    fc.record({ publish: fc.boolean() }),
    fc.record({ tick: fc.constant(true) }),
  ),
});

/** See {@link step}. */
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Takes a step at the log's now. */
export function take({ what }: Step, subscription: TestSubscription, index: number): void {
  const { log } = subscription;
  if ('command' in what) subscription.command(...what.command);
  else if ('fact' in what) {
    const occurredAt = new Date(Date.parse(log.now) - what.lateDays * 24 * 3_600_000).toISOString();
    const id = `${subscription.target.subscriptionId}_${what.object}`;
    subscription.pay(fact(what.fact, occurredAt, { id, providerEventId: `evt_${index}` }));
  } else if ('seat' in what) {
    if (what.seat === 'apps') subscription.seat('alice', 'set-apps-for-assignment', { appsOff: ['teams'] });
    else subscription.seat('alice', 'activate-device', { deviceId: what.seat, kind: 'computer' });
  } else if ('publish' in what) {
    log.publish(`v${index}`, what.publish ? [plan('business', word, loop)] : [plan('enterprise', word, teams, loop)]);
  } else subscription.tick();
}
