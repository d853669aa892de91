import { initialSubscription, type SubscriptionState } from '@perennial/domain';
import type { EventStore } from '@perennial/event-store';
import type { AnsweredEvent, CommandResult } from './command-service.ts';
import { standing } from './standing.ts';
import { subscriptionAggregate } from './subscription-aggregate.ts';

/**
 * What a command answered the first time, re-read from the stream: its events, and the subscription as it was right
 * after them. A repeat is rare, so the fold from the beginning costs nothing that matters.
 */
export async function readFirstResult(
  store: EventStore,
  request: {
    readonly subscriptionId: string;
    readonly stream: string;
    readonly commandId: string;
    readonly firstRevision: number;
  },
): Promise<CommandResult> {
  const events: AnsweredEvent[] = [];
  let state: SubscriptionState = initialSubscription;
  let [version, position] = [-1, 0n];
  for await (const event of store.readStream(request.stream)) {
    const { id, type, revision, metadata } = event;
    const isOfCommand = revision >= request.firstRevision && metadata.commandId === request.commandId;
    if (revision >= request.firstRevision && !isOfCommand) break;
    state = subscriptionAggregate.evolve(state, event);
    [version, position] = [revision, event.position];
    if (isOfCommand) events.push({ id, type, effectiveAt: metadata.effectiveAt });
  }
  if (!state.header || events.length === 0) {
    throw new Error(
      `${request.stream} remembers command ${request.commandId} at revision ${request.firstRevision}, where it is not.`,
    );
  }
  const { subscriptionId } = request;
  return { kind: 'repeated', subscriptionId, ...standing(state.header), version, position: String(position), events };
}
