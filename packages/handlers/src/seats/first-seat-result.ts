import { applyDeadlines, initialSubscription, subscriptionStream, type SeatEvent } from '@perennial/domain';
import type { EventStore, RecordedEvent } from '@perennial/event-store';
import type { CommandResult, SeatCommandRequest } from '../command-handling/command-service.ts';
import { subscriptionAggregate } from '../command-handling/subscription-aggregate.ts';

/**
 * What a command on a seat answered the first time: its events, and the subscription as of the revision that they name.
 * A repeat is rare, so the fold from the beginning costs nothing that matters.
 */
export async function readFirstSeatResult(
  store: EventStore,
  request: Pick<SeatCommandRequest, 'tenant' | 'subscriptionId' | 'commandId'>,
  { stream, firstRevision }: { readonly stream: string; readonly firstRevision: number },
): Promise<CommandResult> {
  const events: RecordedEvent[] = [];
  for await (const event of store.readStream(stream, { fromRevision: firstRevision })) {
    if (event.metadata.commandId !== request.commandId) break;
    events.push(event);
  }
  const last = events.at(-1);
  if (!last) {
    throw new Error(`${stream} remembers command ${request.commandId} at revision ${firstRevision}, where it is not.`);
  }
  // The door validated the data against the schema of its type: every event of a seat has this.
  const version = (last.data as SeatEvent['data']).subscriptionRevision;
  return {
    kind: 'repeated',
    subscriptionId: request.subscriptionId,
    status: await statusAsOf(store, request, version, last.metadata.recordedAt),
    version,
    position: String(last.position),
    events: events.map(({ id, type, metadata }) => ({ id, type, effectiveAt: metadata.effectiveAt })),
  };
}

async function statusAsOf(
  store: EventStore,
  { tenant, subscriptionId }: Pick<SeatCommandRequest, 'tenant' | 'subscriptionId'>,
  revision: number,
  at: string,
) {
  const stream = subscriptionStream(tenant, subscriptionId);
  let state = initialSubscription;
  for await (const event of store.readStream(stream, { maxCount: revision + 1 })) {
    state = subscriptionAggregate.evolve(state, event);
  }
  if (!state.header) throw new Error(`${stream} is gone, though a seat in it was used.`);
  return applyDeadlines(state.header, at).status;
}
