import { decide, evolve, initialSubscription, type SubscriptionInput } from '@perennial/domain';
import { Bench } from 'tinybench';
import { contextOf, factOf, historyOf, renewal } from '../load/history.ts';
import { rounded, type Row } from '../report/report.ts';

const subscription = { tenant: 'tenant-0', subscriptionId: 's-0' };
const beganAt = new Date('2027-01-10T00:00:00.000Z');

/** The rules alone, without any engine: folding a history, and deciding on a subscription with 20 events. */
export async function domainRows(): Promise<Row[]> {
  const bench = new Bench({ time: 1_000, warmupTime: 300 });
  const eventCounts = new Map<string, number>();
  for (const eventCount of [100, 1_000]) {
    const { events } = historyOf(subscription, eventCount, beganAt);
    eventCounts.set(`fold.${eventCount}`, eventCount);
    bench.add(`fold.${eventCount}`, () => void events.reduce(evolve, initialSubscription));
  }
  const { state, now } = historyOf(subscription, 20, beganAt);
  const context = contextOf(subscription, now);
  for (const [name, input] of Object.entries(inputsAt(now))) {
    const { kind } = decide(state, input, context);
    if (kind !== 'accepted') throw new TypeError(`${name} is ${kind}`);
    bench.add(name, () => void decide(state, input, context));
  }
  await bench.run();
  return bench.tasks.map((task) => rowOfTask(task, eventCounts.get(task.name) ?? 1));
}

function inputsAt(now: string): Readonly<Record<string, SubscriptionInput>> {
  const command = { name: 'set-recurring-billing', body: { on: false } } as const;
  return {
    'decide.renewal': renewal(factOf(subscription, 'next', new Date(now))),
    'decide.command': { kind: 'command', command, commandId: 'next', commandHash: 'next' },
  };
}

/** Latency is that of the whole task, the rate that of its events. */
function rowOfTask({ name, result }: Bench['tasks'][number], eventCount: number): Row {
  if (!('latency' in result)) throw new Error(`${name} did not complete: ${result.state}`);
  return {
    id: name,
    system: 'perennial',
    perSecond: rounded((eventCount * 1_000) / result.latency.mean),
    p50Ms: rounded(result.latency.p50),
    p99Ms: rounded(result.latency.p99),
    durable: false,
    shareOfLimit: null,
  };
}
