import { defineProjection } from '../projection/projection.ts';
import { referencesLearntFrom, referencesOfCreation } from './payment-references.ts';
import { dataOf } from '@perennial/domain';
import { factOf, subscriptionPrefix } from './subscription-event.ts';

/** What is known to belong to a subscription. */
export type PaymentLink = { readonly learntFrom: string };

/**
 * The references of every subscription, one row each: from its creation and from every fact that it took in, so that a
 * refund that names only a charge finds its way.
 */
export const paymentLinks = defineProjection<PaymentLink>({
  name: 'payment-links',
  version: 1,
  table: { name: 'payment_links', columns: [], indexes: ['(key, position)'] },
  handles: {
    streamPrefix: subscriptionPrefix,
    types: 'all',
  },
  root: false,
  keys: (event) => {
    const created = dataOf(event, 'SubscriptionCreated');
    if (created) return referencesOfCreation(created);
    const fact = factOf(event);
    return fact ? referencesLearntFrom(fact) : [];
  },
  // The first event that taught a link keeps it.
  apply: (event, link) => link ?? { learntFrom: event.type },
  columns: () => ({}),
});
