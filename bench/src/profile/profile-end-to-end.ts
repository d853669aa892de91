import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findPostgres } from '@perennial/embedded';
import { measureThroughput } from '../end-to-end/measure.ts';
import { closingAll } from '../engines/closers.ts';
import { startDatabase } from '../engines/start-database.ts';
import { inTemporaryDirectory } from '../engines/workspace.ts';
import { subscriptionsOf } from '../load/payments.ts';
import { startPerennialUnderLoad } from '../perennial/start-perennial.ts';
import type { Scale } from '../rows/scale.ts';
import { profileDirectoryVariable } from './recorder.ts';
import { summarise, type ProfileSummary } from './summary.ts';

const profiled = ['intake', 'owner', 'event-store'] as const;
const writeWaitMs = 30_000;
const shownCountMax = 25;

/** Profiles of Perennial's processes under the end-to-end load, by process, and what they achieved while recording. */
export type EndToEndProfile = {
  readonly perSecond: number;
  readonly processes: ReadonlyMap<string, ProfileSummary>;
};

/** Records one round of throughput, warm, on PostgreSQL where it is installed. */
export function profileEndToEnd(directory: string, scale: Scale): Promise<EndToEndProfile> {
  const target = resolve(directory);
  mkdirSync(target, { recursive: true });
  return inTemporaryDirectory('profile', (place) =>
    closingAll(async (closers) => {
      const installation = await findPostgres();
      const database = installation && (await startDatabase(closers, place, installation));
      const system = await startPerennialUnderLoad(closers, {
        database,
        env: {
          NODE_OPTIONS: `--import ${new URL('./recorder.js', import.meta.url).href}`,
          [profileDirectoryVariable]: target,
        },
      });
      const subscriptions = subscriptionsOf(scale.subscriptionCount);
      await system.open(subscriptions);
      // The first round warms caches and compilers up.
      await measureThroughput(system, subscriptions, subscriptions.length * 10);
      const processes = profiled.map((name) => ({ name, pid: system.processes()[name] ?? 0 }));
      for (const { pid } of processes) process.kill(pid, 'SIGUSR2');
      const perSecond = await measureThroughput(system, subscriptions, subscriptions.length * 10);
      for (const { pid } of processes) process.kill(pid, 'SIGUSR2');
      const summaries = new Map<string, ProfileSummary>();
      for (const { name, pid } of processes) summaries.set(name, await summaryOf(join(target, `${pid}.cpuprofile`)));
      return { perSecond, processes: summaries };
    }),
  );
}

async function summaryOf(path: string): Promise<ProfileSummary> {
  const deadline = performance.now() + writeWaitMs;
  while (!existsSync(path)) {
    if (performance.now() > deadline) throw new Error(`${path} was not written in ${writeWaitMs} ms`);
    await delay(50);
  }
  return summarise(JSON.parse(readFileSync(path, 'utf8')), shownCountMax);
}

/** The profile for people. */
export function renderProfile({ perSecond, processes }: EndToEndProfile): string {
  const lines = [`${Math.round(perSecond)} payments per second while recording`];
  for (const [name, { busy, packages, functions, ours }] of processes) {
    lines.push('', `== ${name}: busy ${percent(busy)} of the time`);
    for (const [title, shares] of Object.entries({
      'own time by package': packages,
      functions,
      'ours, with callees': ours,
    })) {
      lines.push(`-- ${title}`, ...shares.map((one) => `${percent(one.share).padStart(7)}  ${one.name}`));
    }
  }
  return lines.join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
