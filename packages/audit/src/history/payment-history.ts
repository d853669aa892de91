import { encodePart, paymentStream } from '@perennial/domain';
import type { Log } from '../log/log.ts';
import type { ScanBounds } from '../log/scan-log.ts';
import type { StreamMemory } from '../log/stream-memory.ts';
import { findEvents, type FoundPage } from '../scan/find.ts';

/** Whose history. */
export type PaymentHistoryRequest = ScanBounds & {
  readonly provider: string;
  readonly object: string;
  /** Where the payment is known to have gone: only that subscription is looked into. */
  readonly subscription?: { readonly tenant: string; readonly subscriptionId: string } | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly knownAt?: string | undefined;
  readonly after?: bigint | undefined;
  readonly limit: number;
};

/**
 * Everything about one object of a provider: how it arrived, waited, was claimed and applied, its duplicates, and what it did
 * to subscriptions. A payment that named its subscription has no stream of its own, so that subscriptions are searched.
 */
export async function paymentHistory(
  sources: { readonly log: Log; readonly streams: StreamMemory },
  { provider, object, subscription, ...request }: PaymentHistoryRequest,
): Promise<FoundPage> {
  const where =
    subscription === undefined
      ? 'subscription-'
      : `subscription-${encodePart(subscription.tenant)}_${encodePart(subscription.subscriptionId)}`;
  return findEvents(sources, {
    ...request,
    payment: `${provider}/${object}`,
    prefixes: [paymentStream(provider, object), where],
  });
}
