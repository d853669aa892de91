import type { SubscriptionIdentity } from '@perennial/domain';

const identifier = '[A-Za-z0-9][A-Za-z0-9.-]{0,63}';
const named = new RegExp(`^(${identifier})/(${identifier})$`);

/** The subscription that a reference of the form `<tenant>/<subscriptionId>` names; undefined for a provider's own. */
export function namedSubscription(reference: string | undefined): SubscriptionIdentity | undefined {
  const [, tenant, subscriptionId] = named.exec(reference ?? '') ?? [];
  return tenant !== undefined && subscriptionId !== undefined ? { tenant, subscriptionId } : undefined;
}
