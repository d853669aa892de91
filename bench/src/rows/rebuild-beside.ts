import { join } from 'node:path';
import { findPostgres, startTemporaryPostgres } from '@perennial/embedded';
import { openSql, startProjections, type Projections } from '@perennial/projections';
import { closingAll } from '../engines/closers.ts';
import { startNats } from '../engines/start-nats.ts';
import { inTemporaryDirectory } from '../engines/workspace.ts';
import type { Row } from '../report/report.ts';
import { fillLog, type FilledLog } from './log.ts';
import { rowFrom } from './measured.ts';
import type { Scale } from './scale.ts';

const waitMs = 300_000;
/** The median counts. */
const roundCount = 3;

/**
 * Read models built anew beside live ones in PostgreSQL, compared and switched to; and the CPU time that an event costs the
 * process that folds it. Nothing where no PostgreSQL is installed.
 */
export async function rebuildBesideRows(scale: Scale): Promise<{ readonly rows: Row[]; readonly notes: string[] }> {
  const installation = await findPostgres();
  if (installation === undefined) return { rows: [], notes: [] };
  return inTemporaryDirectory('rebuild', (directory) =>
    closingAll(async (closers) => {
      const log = await fillLog(closers, directory, scale.logEventCount);
      const { broker } = closers.add(await startNats(join(directory, 'nats')), (nats) => nats.stop());
      const started = await startTemporaryPostgres({ directory: join(directory, 'postgres'), installation });
      const sql = await openSql({ databaseUrl: closers.add(started, (it) => it.stop()).url });
      closers.add(sql, (it) => it.close());
      const projections = startProjections({ sql, broker, store: log.store });
      closers.add(projections, (it) => it.stop());
      await projections.waitFor(log.lastPosition, waitMs);
      const readUs = await cpuOfReading(log);
      const measured = await medianOf(roundCount, () => measure(projections));
      const { eventCount, eventsPerSecond } = measured.comparison;
      const cpuUs = Math.round((measured.cpuMs * 1_000) / eventCount);
      const whole = Math.round((eventCount * 1_000) / measured.elapsedMs);
      const head = { system: 'perennial', durable: true };
      return {
        rows: [
          rowFrom({ ...head, id: 'rebuild.fill' }, { perSecond: eventsPerSecond, latenciesMs: [] }),
          rowFrom({ ...head, id: 'rebuild.beside' }, { perSecond: whole, latenciesMs: [] }),
        ],
        notes: [
          `rebuild.beside: ${eventCount} events, ${cpuUs} µs of CPU per event in the process that folds them; ` +
            `reading and decoding the log alone takes ${readUs} µs of that`,
        ],
      };
    }),
  );
}

/** CPU per event, in microseconds, of what any rebuild has to do. */
async function cpuOfReading({ store }: FilledLog): Promise<number> {
  const cpu = process.cpuUsage();
  let count = 0;
  for await (const item of store.readAll()) if (item.kind === 'event') count += 1;
  const { user, system } = process.cpuUsage(cpu);
  return Math.round((user + system) / count);
}

async function medianOf<T extends { readonly elapsedMs: number }>(count: number, once: () => Promise<T>): Promise<T> {
  const rounds: T[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other: they would disturb one another
  for (let round = 0; round < count; round += 1) rounds.push(await once());
  const median = rounds.toSorted((one, other) => one.elapsedMs - other.elapsedMs)[Math.floor(count / 2)];
  if (median === undefined) throw new Error('no round was measured');
  return median;
}

/** From the wish to the switch: filling, indexes, attaching, comparing. */
async function measure(projections: Projections) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const comparison = await projections.rebuild();
  const { user, system } = process.cpuUsage(cpu);
  if (!comparison.equal) throw new Error(`the rebuilt tables differ: ${JSON.stringify(comparison.rows)}`);
  return { comparison, cpuMs: (user + system) / 1_000, elapsedMs: performance.now() - began };
}
