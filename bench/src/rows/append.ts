import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { startEventStore } from '@perennial/embedded';
import { closingAll } from '../engines/closers.ts';
import { inTemporaryDirectory } from '../engines/workspace.ts';
import { payment, subscriptionsOf } from '../load/payments.ts';
import { timed } from '../load/windowed.ts';
import type { Row } from '../report/report.ts';
import { measured, rowFrom } from './measured.ts';
import type { Scale } from './scale.ts';

const inFlightCount = 256;
const batchCount = 20;
const batchesInFlight = 16;

/** The unmodified client against the embedded event store, each call on a stream of its own, at exact revisions. */
export function appendRows(scale: Scale, groupSync: Row | undefined): Promise<Row[]> {
  return inTemporaryDirectory('append', (directory) =>
    closingAll(async ({ add }) => {
      const store = add(await startEventStore({ dataDirectory: join(directory, 'event-store') }), (it) => it.stop());
      const client = add(EventStoreDBClient.connectionString(store.url), (it) => it.dispose());
      await timed(1_000, inFlightCount, appender(client, 'warm', 1));
      const head = { system: 'db-client', durable: true, limit: groupSync };
      const single = await measured({ id: 'append', ...head }, () =>
        timed(scale.callCount, inFlightCount, appender(client, 'single', 1)),
      );
      const batches = await timed(scale.callCount / 10, batchesInFlight, appender(client, 'batch', batchCount));
      const events = { ...batches, perSecond: batches.perSecond * batchCount };
      return [single, rowFrom({ id: 'append.batch20', ...head }, events)];
    }),
  );
}

/** A stream's next append is made once its last one is stored. */
function appender(client: EventStoreDBClient, name: string, eventCount: number) {
  const free = Array.from({ length: inFlightCount }, (_, index) => ({ stream: `${name}-${index}`, next: 0n }));
  const [subscription = { tenant: 'none', subscriptionId: 'none' }] = subscriptionsOf(1);
  return async (index: number): Promise<void> => {
    const place = free.shift();
    if (place === undefined) throw new RangeError('more appends are in flight than there are streams');
    const events = Array.from({ length: eventCount }, (_, part) =>
      jsonEvent({
        id: randomUUID(),
        type: 'Renewed',
        data: { ...payment(subscription, `${name}-${index}-${part}`).data },
        metadata: { commandId: `${name}-${index}`, actor: 'bench' },
      }),
    );
    await client.appendToStream(place.stream, events, {
      expectedRevision: place.next === 0n ? NO_STREAM : place.next - 1n,
    });
    place.next += BigInt(eventCount);
    free.push(place);
  };
}
