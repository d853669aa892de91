import type { Upcaster } from '../event-definitions.ts';

/**
 * How older versions of the subscription's events become the next one: the n-th turns version n into version n+1. Never
 * change one that was released; the frozen examples in `corpus/` hold them.
 */
export const subscriptionUpcasters: Readonly<Record<string, readonly Upcaster[]>> = {
  /** Version 2 says how the person came to the licence; before, there was only one way. */
  LicenseAssigned: [(data) => ({ ...(data as object), source: 'direct' })], // it was valid when it was stored: an object
};
