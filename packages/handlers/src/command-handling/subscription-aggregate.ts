import {
  asSubscriptionEvent,
  evolve,
  initialSubscription,
  type DecidedEvent,
  type SubscriptionEvent,
  type SubscriptionState,
} from '@perennial/domain';
import { emptyHead, type EventStore } from '@perennial/event-store';
import type { CachedState } from '../state-cache/state-cache.ts';
import type { Aggregate } from './stream-handler.ts';

/** How the loop folds a subscription's stream. */
export const subscriptionAggregate: Aggregate<SubscriptionState> = {
  initial: initialSubscription,
  evolve: (state, event) => evolve(state, asSubscriptionEvent(event)),
};

/** A subscription as a cache holds it. */
export type CachedSubscription = CachedState<SubscriptionState>;

/** Folds a stream from its beginning, as the loop does when nothing of it is cached. */
export async function foldSubscription(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
): Promise<CachedSubscription> {
  let cached: CachedSubscription = { state: initialSubscription, head: emptyHead(stream), position: undefined };
  for await (const event of store.readStream(stream)) {
    const { hash, recordedAt } = event.metadata;
    const head = { revision: event.revision, hash, recordedAt };
    cached = { state: subscriptionAggregate.evolve(cached.state, event), head, position: event.position };
  }
  return cached;
}

/** Folds events that are decided but not appended: what a dry run would lead to. */
export function foldProvisional(
  state: SubscriptionState,
  events: readonly DecidedEvent[],
  provisional: Pick<SubscriptionEvent, 'recordedAt' | 'commandId' | 'revision'> & { readonly policy?: string },
): SubscriptionState {
  return events.reduce((next, event, index) => {
    const folded = { ...event, ...provisional, id: '', revision: provisional.revision + 1 + index };
    return evolve(next, folded);
  }, state);
}
