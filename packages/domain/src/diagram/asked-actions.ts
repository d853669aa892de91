import { allPolicies, profileId } from '../policy/index.ts';
import { availableActions } from '../subscription/actions.ts';
import type { AvailableAction, DecisionContext } from '../subscription/decision.ts';
import { channels } from '../subscription/events.ts';
import type { SubscriptionStatus } from '../subscription/header.ts';
import { subscriptionStatuses } from '../subscription/lifecycle.ts';
import { card } from '../subscription/testing/states.ts';
import { Subject } from '../subscription/testing/subject.ts';

type Body = NonNullable<Parameters<typeof Subject.created>[0]>;

/** Subscriptions that differ in one thing each: what guards look at. */
const bodies: readonly Body[] = [
  {},
  { trial: true },
  { seats: 26 },
  { seats: 1 },
  { recurringBilling: false },
  { price: { minor: 1000, currency: 'EUR' } },
  ...channels.map((channel): Body => ({ channel })),
  ...allPolicies().map((policy): Body => ({ profile: profileId(policy) })),
];

const facts: Partial<DecisionContext> = {
  tenant: { country: 'NL', domainAttached: true, creditCheck: 'pending' },
  plan: { planId: 'business', apps: [], endOfSale: '2026-01-01T00:00:00.000Z', maxSeats: 1 },
};

/** How each state is reached, a yearly term begun on 2026-06-01. */
const ways: { readonly [S in SubscriptionStatus]: (subject: Subject) => void } = {
  pending: () => {},
  active: (subject) => {
    subject.command('activate');
    subject.command('assign-license', { personId: 'alice' });
  },
  expired: (subject) => {
    ways.active(subject);
    subject.tick('2027-06-05');
  },
  disabled: (subject) => {
    ways.active(subject);
    subject.command('disable', { reason: 'fraud' });
  },
  cancelled: (subject) => {
    ways.active(subject);
    subject.command('cancel-now');
  },
  reactivated: (subject) => {
    ways.expired(subject);
    subject.command('reactivate', { paymentMethod: card });
  },
  deleted: (subject) => {
    ways.active(subject);
    subject.tick('2029-06-01');
  },
};

/**
 * The lists of actions of many different subscriptions in every state that they can reach, asked at once and twelve days
 * later, and of the plain one also with facts that speak against it.
 */
export function askedActions(): AvailableAction[] {
  return subscriptionStatuses.flatMap((status) =>
    bodies.flatMap((body) => {
      const subject = Subject.created(body);
      ways[status](subject);
      // A trial, for instance, is never disabled.
      if (subject.header.status !== status) return [];
      const later = new Date(Date.parse(subject.now) + 12 * 86_400_000).toISOString();
      const known = body === bodies[0] ? [{}, facts, { now: later }] : [{}, { now: later }];
      return known.flatMap((each) => availableActions(subject.state, { ...subject.context(), ...each }));
    }),
  );
}
