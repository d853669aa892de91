import type { SubscriptionState } from '@perennial/domain';
import { subscriptionAggregate } from '../command-handling/subscription-aggregate.ts';
import { openDiskStateCache, type DiskStateCache, type DiskStateCacheOptions } from './disk-state-cache.ts';
import { subscriptionParts } from './subscription-parts.ts';

/** Options of {@link openSubscriptionCache}. */
export type SubscriptionCacheOptions = Omit<DiskStateCacheOptions<SubscriptionState>, 'aggregate' | 'codec'>;

/**
 * Opens the cache of folded subscriptions, in memory and on disk.
 * @example
 * const cache = await openSubscriptionCache({ directory: join(data, 'cache', 'states-intake'), store });
 * const commands = createCommandService({ ...options, cache });
 */
export function openSubscriptionCache(options: SubscriptionCacheOptions): Promise<DiskStateCache<SubscriptionState>> {
  return openDiskStateCache({ ...options, aggregate: subscriptionAggregate, codec: subscriptionParts });
}
