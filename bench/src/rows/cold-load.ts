import { decide, eventDefinitions, subscriptionStream } from '@perennial/domain';
import { startEventStore } from '@perennial/embedded';
import { emptyHead, openEventStore, type EventStore, type NewEvent, type StreamHead } from '@perennial/event-store';
import { foldSubscription, openSubscriptionCache, type CachedSubscription } from '@perennial/handlers';
import { join } from 'node:path';
import { closingAll } from '../engines/closers.ts';
import { inTemporaryDirectory } from '../engines/workspace.ts';
import { contextOf } from '../load/history.ts';
import { assignOneMore, manySeatsHistory } from '../load/many-seats.ts';
import type { Row } from '../report/report.ts';
import { rounded } from '../report/report.ts';
import { percentile } from '../statistics/percentile.ts';
import { newEvent } from './log.ts';

const subscription = { tenant: 'tenant-0', subscriptionId: 's-0' };
const beganAt = new Date('2027-01-10T00:00:00.000Z');
const eventsPerAppend = 250;
const [diskCount, logCount] = [20, 2];

/**
 * Loading a subscription with 50 000 assigned seats that is not in memory, up to its next decision: from the cache on disk,
 * and from the log as when every cache was deleted. In CPU time of this process.
 */
export function coldLoadRows(): Promise<Row[]> {
  return inTemporaryDirectory('cold-load', (directory) =>
    closingAll(async (closers) => {
      const { events, now } = manySeatsHistory(subscription, beganAt);
      const server = closers.add(await startEventStore({ dataDirectory: join(directory, 'event-store') }), (it) =>
        it.stop(),
      );
      const store = closers.add(await openEventStore({ url: server.url, definitions: eventDefinitions }), (it) =>
        it.close(),
      );
      const stream = subscriptionStream(subscription.tenant, subscription.subscriptionId);
      await appendAll(
        store,
        stream,
        events.map((event) => newEvent(event, subscription.tenant)),
      );
      const decideOn = ({ state }: CachedSubscription): void => {
        const input = { kind: 'command', command: assignOneMore, commandId: 'next', commandHash: 'next' } as const;
        const decision = decide(state, input, contextOf(subscription, now));
        if (decision.kind !== 'accepted') throw new TypeError(`one seat more is ${decision.kind}`);
      };
      const fromLog = await cpuSamples(logCount, async () => decideOn(await foldSubscription(store, stream)));
      const states = join(directory, 'states');
      const filled = await openSubscriptionCache({ directory: states, store });
      filled.set(stream, await foldSubscription(store, stream));
      await filled.close();
      const fromDisk: number[] = [];
      for (let count = 0; count < diskCount; count += 1) {
        const cache = await openSubscriptionCache({ directory: states, store });
        const samples = await cpuSamples(1, async () => {
          const cached = cache.get(stream);
          if (cached === undefined) throw new Error('the cache on disk has no such subscription');
          decideOn(cached);
        });
        fromDisk.push(...samples);
        await cache.close();
      }
      return [row('load.manySeats.log', fromLog), row('load.manySeats.disk', fromDisk)];
    }),
  );
}

async function appendAll(store: EventStore, stream: string, events: readonly NewEvent[]): Promise<void> {
  let head: StreamHead = emptyHead(stream);
  for (let from = 0; from < events.length; from += eventsPerAppend) {
    const outcome = await store.append(stream, head, events.slice(from, from + eventsPerAppend));
    if (outcome.kind !== 'appended') throw new Error(`somebody else writes ${stream}`);
    head = outcome.head;
  }
}

async function cpuSamples(count: number, work: () => Promise<void>): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    samples.push((user + system) / 1_000);
  }
  return samples;
}

function row(id: string, samplesMs: readonly number[]): Row {
  const mean = samplesMs.reduce((total, ms) => total + ms, 0) / samplesMs.length;
  return {
    id,
    system: 'perennial',
    perSecond: rounded(1_000 / mean),
    p50Ms: rounded(percentile(samplesMs, 0.5) ?? 0),
    p99Ms: rounded(percentile(samplesMs, 0.99) ?? 0),
    durable: false,
    shareOfLimit: null,
  };
}
