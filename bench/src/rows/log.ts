import { join } from 'node:path';
import { eventDefinitions } from '@perennial/domain';
import { startEventStore } from '@perennial/embedded';
import { emptyHead, openEventStore, type EventStore, type NewEvent, type StreamHead } from '@perennial/event-store';
import { ensureLog } from '@perennial/handlers';
import type { Closers } from '../engines/closers.ts';
import { mixedLog, type LogAppend, type LogEvent } from '../load/mixed-log.ts';
import { windowed } from '../load/windowed.ts';

const appendsInFlight = 16;
const beganAt = new Date('2027-01-10T00:00:00.000Z');

/** A log in an event store of its own. */
export type FilledLog = {
  readonly store: EventStore;
  readonly logId: string;
  readonly lastPosition: bigint;
  readonly eventCount: number;
};

/** Fills an event store with about so many events, as Perennial would have written them. */
export async function fillLog(closers: Closers, directory: string, eventCount: number): Promise<FilledLog> {
  const server = closers.add(await startEventStore({ dataDirectory: join(directory, 'event-store') }), (it) =>
    it.stop(),
  );
  const store = closers.add(await openEventStore({ url: server.url, definitions: eventDefinitions }), (it) =>
    it.close(),
  );
  const logId = await ensureLog(store, { newId: () => crypto.randomUUID(), now: () => beganAt.toISOString() });
  const appended = await appendAll(store, [...mixedLog(eventCount, beganAt)]);
  const lastPosition = await store.lastPosition();
  if (lastPosition === undefined) throw new Error('the log is empty');
  return { store, logId, lastPosition, eventCount: appended };
}

/** Appends in this order, many at the same time; those of one stream one after the other. Answers how many events. */
async function appendAll(store: EventStore, appends: readonly LogAppend[]): Promise<number> {
  const heads = new Map<string, Promise<StreamHead>>();
  await windowed(appends.length, appendsInFlight, async (index) => {
    const append = appends[index];
    if (append === undefined) return;
    const { stream, tenant, events } = append;
    const before = heads.get(stream) ?? Promise.resolve(emptyHead(stream));
    const after = before.then(async (head) => {
      const outcome = await store.append(
        stream,
        head,
        events.map((event) => newEvent(event, tenant)),
      );
      if (outcome.kind === 'conflict') throw new Error(`nobody else writes to ${stream}`);
      return outcome.head;
    });
    heads.set(stream, after);
    await after;
  });
  return appends.reduce((count, { events }) => count + events.length, 0);
}

/** An event as a command of that tenant would append it. */
export function newEvent(
  { type, data, effectiveAt, recordedAt, commandId, commandHash }: LogEvent,
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
