import { join } from 'node:path';
import { eventDefinitions, subscriptionStream, type SubscriptionEvent } from '@perennial/domain';
import { startEventStore } from '@perennial/embedded';
import { emptyHead, openEventStore, type EventStore, type NewEvent } from '@perennial/event-store';
import { ensureLog } from '@perennial/handlers';
import type { Closers } from '../engines/closers.ts';
import { historyOf } from '../load/history.ts';
import { subscriptionsOf } from '../load/payments.ts';
import { windowed } from '../load/windowed.ts';

const eventsPerStream = 20;
const appendsInFlight = 16;
const beganAt = new Date('2027-01-10T00:00:00.000Z');

/** A log of renewals in an event store of its own. */
export type FilledLog = {
  readonly store: EventStore;
  readonly logId: string;
  readonly lastPosition: bigint;
  readonly eventCount: number;
};

/** Fills an event store with subscriptions of 20 events each, as Perennial would have written them. */
export async function fillLog(closers: Closers, directory: string, eventCount: number): Promise<FilledLog> {
  const server = closers.add(await startEventStore({ dataDirectory: join(directory, 'event-store') }), (it) =>
    it.stop(),
  );
  const store = closers.add(await openEventStore({ url: server.url, definitions: eventDefinitions }), (it) =>
    it.close(),
  );
  const logId = await ensureLog(store, { newId: () => crypto.randomUUID(), now: () => beganAt.toISOString() });
  const subscriptions = subscriptionsOf(Math.ceil(eventCount / eventsPerStream));
  await windowed(subscriptions.length, appendsInFlight, async (index) => {
    const subscription = subscriptions[index];
    if (subscription === undefined) return;
    const stream = subscriptionStream(subscription.tenant, subscription.subscriptionId);
    const events = historyOf(subscription, eventsPerStream, beganAt).events.map((event) =>
      newEvent(event, subscription.tenant),
    );
    await store.append(stream, emptyHead(stream), events);
  });
  const lastPosition = await store.lastPosition();
  if (lastPosition === undefined) throw new Error('the log is empty');
  return { store, logId, lastPosition, eventCount: subscriptions.length * eventsPerStream };
}

/** An event as a command of that tenant would append it. */
export function newEvent(
  { type, data, effectiveAt, recordedAt, commandId, commandHash }: SubscriptionEvent,
  tenant: string,
): NewEvent {
  return {
    type,
    data,
    metadata: {
      effectiveAt,
      recordedAt,
      actor: { type: 'provider', id: 'bench', roles: [] },
      commandId,
      $correlationId: commandId,
      $causationId: commandId,
      tenant,
      policy: 'direct-mosa-2020@1',
      ...(commandHash === undefined ? {} : { commandHash }),
    },
  };
}
