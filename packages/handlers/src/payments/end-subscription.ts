import type { ProviderEnding, SubscriptionIdentity } from '@perennial/domain';
import type { CommandService } from '../command-handling/command-service.ts';
import type { Delivery } from './delivery.ts';

/**
 * Cancels a subscription because its provider ended it (domain.md 6.10 rule 7), unless a later term has begun since.
 * Answers how that went, undefined when there is no such subscription.
 */
export async function endSubscription(
  commands: Pick<CommandService, 'execute' | 'load'>,
  request: {
    readonly ending: ProviderEnding;
    readonly subscription: SubscriptionIdentity;
    readonly delivery: Delivery;
  },
): Promise<string | undefined> {
  const { ending, subscription, delivery } = request;
  const header = await commands.load(subscription.tenant, subscription.subscriptionId);
  if (!header) return undefined;
  if (header.termStart !== null && header.termStart > ending.endedAt) return 'STALE_ENDING';
  const result = await commands.execute({
    ...subscription,
    ...delivery,
    command: { name: 'cancel-now', body: ending.cause === undefined ? {} : { reason: ending.cause } },
    commandId: `ending:${ending.provider}:${ending.providerEventId}`,
    actor: { type: 'provider', id: ending.provider },
    // The provider's word ends it; no role of ours stands in its way.
    roles: ['global-admin'],
  });
  if (result.kind === 'not-found') return undefined;
  return result.kind === 'refused' ? result.reasonCodes.join(' ') : 'CANCELLED';
}
