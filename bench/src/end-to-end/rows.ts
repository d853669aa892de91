/**
 * The rows that count: the same payments, the same rules, the same broker settings, on Perennial and on Emmett with
 * PostgreSQL, turn by turn in one run.
 *
 * @module
 */
import { join } from 'node:path';
import { findPostgres, type PostgresInstallation } from '@perennial/embedded';
import { startEmmett } from '../emmett/start-emmett.ts';
import { closingAll } from '../engines/closers.ts';
import { startDatabase } from '../engines/start-database.ts';
import { inTemporaryDirectory } from '../engines/workspace.ts';
import { subscriptionsOf } from '../load/payments.ts';
import { startPerennialUnderLoad } from '../perennial/start-perennial.ts';
import type { CpuCost, Row } from '../report/report.ts';
import { rowFrom } from '../rows/measured.ts';
import { loadFor, type Scale } from '../rows/scale.ts';
import { cpuTimesMs, cpuUsPer } from '../statistics/cpu-time.ts';
import { median } from '../statistics/percentile.ts';
import { measureLatency, measureThroughput } from './measure.ts';
import type { SystemUnderLoad } from './system.ts';

/** What the end-to-end rows came to. */
export type EndToEnd = Measured & {
  readonly notes: readonly string[];
};

/** How the rows are measured. */
export type EndToEndOptions = {
  readonly scale: Scale;
  /** The synced rate of what every payment has to pass. */
  readonly limit: Pick<Row, 'perSecond'> | undefined;
  readonly progress: (text: string) => void;
};

const tuningSubscriptionCount = 200;

type Measured = { readonly rows: readonly Row[]; readonly cpu: readonly CpuCost[] };
type Contender = { readonly id: string; readonly system: SystemUnderLoad };

/** Perennial on PGlite; on PostgreSQL and against Emmett where a PostgreSQL server is installed. */
export async function endToEndRows(options: EndToEndOptions): Promise<EndToEnd> {
  const embedded = await closingAll(async (closers) => {
    options.progress('end to end on PGlite');
    const system = await startPerennialUnderLoad(closers);
    return compare([{ id: 'endToEnd.pglite', system }], options);
  });
  const postgres = await findPostgres();
  if (postgres === undefined) {
    const note = 'endToEnd (PostgreSQL) and Emmett were not measured: no PostgreSQL server is installed here.';
    return { ...embedded, notes: [note] };
  }
  const [inFlightCountMax, compared] = await inTemporaryDirectory('end-to-end', async (directory) => {
    const best = await bestConcurrency(directory, postgres, options);
    return [best, await onPostgres(directory, postgres, best, options)] as const;
  });
  const note = `Emmett ran with ${inFlightCountMax} payments in flight, its best of ${options.scale.concurrencies.join(', ')}.`;
  return {
    rows: [...compared.rows, ...embedded.rows],
    cpu: [...compared.cpu, ...embedded.cpu],
    notes: [note],
  };
}

async function onPostgres(
  directory: string,
  installation: PostgresInstallation,
  inFlightCountMax: number,
  options: EndToEndOptions,
): Promise<Measured> {
  options.progress('end to end on PostgreSQL: Perennial and Emmett in turn');
  return closingAll(async (closers) => {
    const own = await startDatabase(closers, join(directory, 'perennial'), installation);
    const others = await startDatabase(closers, join(directory, 'emmett'), installation);
    const perennial = await startPerennialUnderLoad(closers, { database: own });
    const emmett = await startEmmett(closers, {
      directory: join(directory, 'emmett'),
      database: others,
      inFlightCountMax,
    });
    return compare(
      [
        { id: 'endToEnd', system: perennial },
        { id: 'endToEnd', system: emmett },
      ],
      options,
    );
  });
}

/** Tries the settings, each on a database of its own, and answers the one with the highest throughput. */
async function bestConcurrency(
  directory: string,
  installation: PostgresInstallation,
  { scale, progress }: EndToEndOptions,
): Promise<number> {
  const tried: { readonly inFlightCountMax: number; readonly perSecond: number }[] = [];
  for (const inFlightCountMax of scale.concurrencies) {
    const place = join(directory, `tuning-${inFlightCountMax}`);
    const perSecond = await closingAll(async (closers) => {
      const database = await startDatabase(closers, place, installation);
      const emmett = await startEmmett(closers, { directory: place, database, inFlightCountMax });
      const subscriptions = subscriptionsOf(tuningSubscriptionCount);
      await emmett.open(subscriptions);
      await measureThroughput(emmett, subscriptions, subscriptions.length);
      return measureThroughput(emmett, subscriptions, subscriptions.length * 4);
    });
    progress(`Emmett with ${inFlightCountMax} payments in flight: ${Math.round(perSecond)}/s`);
    tried.push({ inFlightCountMax, perSecond });
  }
  const [best] = tried.sort((a, b) => b.perSecond - a.perSecond);
  if (best === undefined) throw new RangeError('no concurrency was given to try');
  return best.inFlightCountMax;
}

/** Rounds of all contenders in turn, so that what the machine does to one it does to all. */
async function compare(contenders: readonly Contender[], options: EndToEndOptions): Promise<Measured> {
  const { scale, limit, progress } = options;
  const subscriptions = subscriptionsOf(scale.subscriptionCount);
  const runs = contenders.map((contender) => ({ ...contender, rates: [] as number[], cpu: [] as CpuCost[] }));
  const warm: number[] = [];
  for (const { system } of runs) {
    await system.open(subscriptions);
    // The first payment of each belongs to the term that runs already; and caches and compilers are warm afterwards.
    await measureThroughput(system, subscriptions, subscriptions.length * 2);
    warm.push(await measureThroughput(system, subscriptions, subscriptions.length * 2));
  }
  const { paymentCount, latency } = loadFor(scale, Math.min(...warm));
  progress(`${paymentCount} payments a round; latency at ${latency.ratePerSecond} payments per second`);
  for (let round = 1; round <= scale.roundCount; round += 1) {
    for (const { id, system, rates, cpu } of runs) {
      const before = cpuTimesMs(system.processes());
      const perSecond = await measureThroughput(system, subscriptions, paymentCount);
      const usPerPayment = cpuUsPer(paymentCount, before, cpuTimesMs(system.processes()));
      const totalUs = Object.values(usPerPayment).reduce((total, us) => total + us, 0);
      rates.push(perSecond);
      cpu.push({ id, system: system.name, usPerPayment, totalUs });
      progress(`round ${round}: ${id} ${system.name} ${Math.round(perSecond)}/s, ${totalUs} µs of CPU per payment`);
    }
  }
  const rows: Row[] = [];
  for (const { id, system, rates } of runs) {
    const latenciesMs = await measureLatency(system, subscriptions, latency);
    const head = { id, system: system.name, durable: true, limit };
    rows.push(rowFrom(head, { perSecond: median(rates) ?? 0, latenciesMs }));
  }
  return { rows, cpu: runs.flatMap((run) => middleOf(run.cpu)) };
}

/** The round of median cost; none where the machine does not tell. */
function middleOf(costs: readonly CpuCost[]): CpuCost[] {
  const middle = median(costs.map(({ totalUs }) => totalUs));
  return costs.filter(({ totalUs }) => totalUs > 0 && totalUs === middle).slice(0, 1);
}
