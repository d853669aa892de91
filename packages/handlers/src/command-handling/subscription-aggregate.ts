import {
  asSubscriptionEvent,
  evolve,
  evolveAll,
  initialSubscription,
  type DecidedEvent,
  type SubscriptionEvent,
  type SubscriptionState,
} from '@perennial/domain';
import { emptyHead, type EventStore } from '@perennial/event-store';
import type { CachedState } from '../state-cache/state-cache.ts';
import { foldStream, type Aggregate } from './stream-handler.ts';

/** How the loop folds a subscription's stream. */
export const subscriptionAggregate: Aggregate<SubscriptionState> = {
  initial: initialSubscription,
  evolve: (state, event) => evolve(state, asSubscriptionEvent(event)),
  evolveAll: (state, events) => evolveAll(state, events.map(asSubscriptionEvent)),
};

/** A subscription as a cache holds it. */
export type CachedSubscription = CachedState<SubscriptionState>;

/** Folds a stream from its beginning, as the loop does when nothing of it is cached. */
export async function foldSubscription(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
): Promise<CachedSubscription> {
  return foldStream(store, subscriptionAggregate, {
    stream,
    state: initialSubscription,
    head: emptyHead(stream),
    position: undefined,
  });
}

/** Folds events that are decided but not appended: what a dry run would lead to. */
export function foldProvisional(
  state: SubscriptionState,
  events: readonly DecidedEvent[],
  provisional: Pick<SubscriptionEvent, 'recordedAt' | 'commandId' | 'revision'> & { readonly policy?: string },
): SubscriptionState {
  return evolveAll(
    state,
    events.map((event, index) => ({ ...event, ...provisional, id: '', revision: provisional.revision + 1 + index })),
  );
}
