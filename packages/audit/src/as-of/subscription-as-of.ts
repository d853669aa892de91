import {
  stateAsOf,
  subscriptionStream,
  subscriptionView,
  type AsOf,
  type ExistingSubscription,
  type SubscriptionView,
  asSubscriptionEvent,
} from '@perennial/domain';
import type { StreamMemory } from '../log/stream-memory.ts';
import type { StreamDirectory } from '../log/stream-directory.ts';

/** What these questions are asked of. */
export type AsOfSources = { readonly streams: StreamMemory; readonly directory: StreamDirectory };

/** The state of one subscription; undefined when there was none, or none was known. */
export async function subscriptionAsOf(
  streams: StreamMemory,
  { tenant, subscriptionId }: { readonly tenant: string; readonly subscriptionId: string },
  when: AsOf,
): Promise<ExistingSubscription | undefined> {
  return streamAsOf(streams, subscriptionStream(tenant, subscriptionId), when);
}

/** The same, by the name of its stream. */
export async function streamAsOf(
  streams: StreamMemory,
  stream: string,
  when: AsOf,
): Promise<ExistingSubscription | undefined> {
  const events = await streams.read(stream);
  return stateAsOf(events.map(asSubscriptionEvent), when) ?? undefined;
}

/** States of all subscriptions of a tenant, in order of their ids. */
export async function tenantAsOf(
  { streams, directory }: AsOfSources,
  tenant: string,
  when: AsOf,
): Promise<readonly ExistingSubscription[]> {
  const states = await inTurn(await directory.subscriptionsOf(tenant), (stream) => streamAsOf(streams, stream, when));
  return states
    .filter((state) => state !== undefined)
    .sort((a, b) => (a.header.subscriptionId < b.header.subscriptionId ? -1 : 1));
}

/** A page of a tenant's subscriptions, as the live list shows them. */
export function viewsOf(
  states: readonly ExistingSubscription[],
  { at }: AsOf,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): { readonly subscriptions: readonly SubscriptionView[]; readonly next: string | undefined } {
  const following = states.filter(({ header }) => header.subscriptionId > after);
  const page = following.slice(0, limit);
  return {
    subscriptions: page.map(({ header }) => subscriptionView(header, at)),
    next: following.length > limit ? page.at(-1)?.header.subscriptionId : undefined,
  };
}

const readsAtOnce = 8;

/** Maps with a few reads under way at a time. */
export async function inTurn<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let index = 0; index < items.length; index += readsAtOnce) {
    results.push(...(await Promise.all(items.slice(index, index + readsAtOnce).map(each))));
  }
  return results;
}
