import { join } from 'node:path';
import { openAudit, type Audit } from '@perennial/audit';
import { eventDefinitions, subscriptionStream } from '@perennial/domain';
import { startEventStore } from '@perennial/embedded';
import { emptyHead, openEventStore, type EventStore } from '@perennial/event-store';
import { closingAll, type Closers } from '../engines/closers.ts';
import { inTemporaryDirectory } from '../engines/workspace.ts';
import { historyOf } from '../load/history.ts';
import { timed } from '../load/windowed.ts';
import type { Row } from '../report/report.ts';
import { newEvent } from './log.ts';
import { measured } from './measured.ts';
import type { Scale } from './scale.ts';

const subscription = { tenant: 'tenant-0', subscriptionId: 's-0' };
const beganAt = new Date('2027-01-10T00:00:00.000Z');
const eventCount = 1_000;
const eventsPerAppend = 100;
const pageCount = 100;

/**
 * Questions about a subscription with 1 000 events, one at a time, over the wire of a real event store: its state as of an
 * instant, and a page of its history with why each event happened. `cold`: nothing was asked before.
 */
export function auditRows(scale: Scale): Promise<Row[]> {
  return inTemporaryDirectory('audit', (directory) =>
    closingAll(async (closers) => {
      const { store, middle } = await filledStore(closers, directory);
      const clock = { now: () => middle };
      const asOf = async (audit: Audit): Promise<void> => {
        const found = await audit.subscription(subscription, { at: middle, knownAt: middle });
        if (found === undefined) throw new Error('the subscription was there');
      };
      const page = async (audit: Audit): Promise<void> => {
        const found = await audit.history({ ...subscription, from: eventCount / 2, limit: pageCount });
        if (found?.entries.length !== pageCount) throw new Error('the page is not full');
      };
      const rows: Row[] = [];
      for (const [id, ask] of [
        ['audit.asOf', asOf],
        ['audit.history', page],
      ] as const) {
        const warm = openAudit({ log: store, clock });
        await ask(warm);
        const head = { system: 'perennial', durable: false };
        rows.push(await measured({ id, ...head }, () => timed(scale.callCount / 40, 1, () => ask(warm))));
        const cold = (): Promise<void> => ask(openAudit({ log: store, clock }));
        rows.push(await measured({ id: `${id}.cold`, ...head }, () => timed(scale.callCount / 200, 1, cold)));
      }
      return rows;
    }),
  );
}

async function filledStore(
  closers: Closers,
  directory: string,
): Promise<{ readonly store: EventStore; readonly middle: string }> {
  const server = closers.add(await startEventStore({ dataDirectory: join(directory, 'event-store') }), (it) =>
    it.stop(),
  );
  const store = closers.add(await openEventStore({ url: server.url, definitions: eventDefinitions }), (it) =>
    it.close(),
  );
  const stream = subscriptionStream(subscription.tenant, subscription.subscriptionId);
  const { events } = historyOf(subscription, eventCount, beganAt);
  let head = emptyHead(stream);
  for (let index = 0; index < events.length; index += eventsPerAppend) {
    const outcome = await store.append(
      stream,
      head,
      events.slice(index, index + eventsPerAppend).map((event) => newEvent(event, subscription.tenant)),
    );
    if (outcome.kind !== 'appended') throw new Error('nobody else appends here');
    head = outcome.head;
  }
  return { store, middle: events[eventCount / 2]?.recordedAt ?? beganAt.toISOString() };
}
