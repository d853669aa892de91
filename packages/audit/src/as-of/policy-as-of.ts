import {
  evolveHeader,
  policyOf,
  subscriptionStream,
  type AsOf,
  type PolicyProfile,
  type SubscriptionHeader,
  asSubscriptionEvent,
} from '@perennial/domain';
import { refOf, type EventRef } from '../log/log.ts';
import type { StreamMemory } from '../log/stream-memory.ts';
import { catalogueAsOf } from './catalogue-as-of.ts';
import { subscriptionAsOf } from './subscription-as-of.ts';
import { isInForce } from './when.ts';

/** The rules that decided for a subscription. */
export type PolicyInForce = {
  /** `name@version`. */
  readonly profile: string;
  readonly settings: PolicyProfile;
  /** The event that put it in force. */
  readonly since: EventRef | null;
  /** Version of the catalogue; null before any was published. */
  readonly catalogue: string | null;
};

/** The policy profile in force (`domain.md 6.8`); undefined when there was no subscription. */
export async function policyAsOf(
  streams: StreamMemory,
  name: { readonly tenant: string; readonly subscriptionId: string },
  when: AsOf,
): Promise<PolicyInForce | undefined> {
  const state = await subscriptionAsOf(streams, name, when);
  if (state === undefined) return undefined;
  const { policy } = state.header;
  let header: SubscriptionHeader | null = null;
  let since: EventRef | null = null;
  for (const event of await streams.read(subscriptionStream(name.tenant, name.subscriptionId))) {
    if (!isInForce(event, when)) continue;
    const before: SubscriptionHeader | null = header;
    header = evolveHeader(before, asSubscriptionEvent(event));
    if (header.policy === policy && before?.policy !== policy) since = refOf(event);
  }
  const { version } = await catalogueAsOf(streams, when);
  return { profile: policy, settings: policyOf(state.header), since, catalogue: version };
}
