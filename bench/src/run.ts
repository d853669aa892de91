import { endToEndRows } from './end-to-end/rows.ts';
import type { BenchOptions } from './options.ts';
import { describeMachine, describeVersions } from './report/machine.ts';
import { ratiosOf, type CpuCost, type Report, type Row } from './report/report.ts';
import { appendRows } from './rows/append.ts';
import { auditRows } from './rows/audit.ts';
import { coldLoadRows } from './rows/cold-load.ts';
import { domainRows } from './rows/domain.ts';
import { httpRows } from './rows/http.ts';
import { diskLimits, publishLimit } from './rows/limits.ts';
import { logRows } from './rows/log-rows.ts';
import { lowest } from './rows/measured.ts';
import { rebuildBesideRows } from './rows/rebuild-beside.ts';
import { fullScale, quickScale } from './rows/scale.ts';
import { serverVersions } from './engines/server-versions.ts';

/** Measures everything, the limits first; one thing at a time. */
export async function runBench(options: BenchOptions, progress: (text: string) => void): Promise<Report> {
  const scale = options.quick ? quickScale : fullScale;
  const machine = describeMachine();
  const isWanted = (name: string): boolean => options.only === undefined || name.includes(options.only);
  const rows: Row[] = [];
  const cpu: CpuCost[] = [];
  const notes: string[] = [];
  const versions = await serverVersions();
  const add = async (name: string, measure: () => Promise<readonly Row[]>): Promise<void> => {
    progress(`measuring ${name}`);
    rows.push(...(await measure()));
  };

  await add('the disk', () => diskLimits(scale));
  const [sync, groupSync] = rows;
  await add('publishing', async () => [await publishLimit(scale, sync)]);
  const publish = rows.at(-1);
  await add('append', () => appendRows(scale, groupSync));
  const append = rows.find(({ id }) => id === 'append');
  const endToEnd = {
    name: 'endToEnd',
    measure: async () => {
      const found = await endToEndRows({ scale, limit: lowest(publish, append), progress });
      notes.push(...found.notes);
      cpu.push(...found.cpu);
      return found.rows;
    },
  };
  const others = [
    { name: 'http', measure: () => httpRows(scale, append) },
    { name: 'relay and rebuild', measure: () => logRows(scale) },
    {
      name: 'rebuild beside',
      measure: async () => {
        const found = await rebuildBesideRows(scale);
        notes.push(...found.notes);
        return found.rows;
      },
    },
    { name: 'fold and decide', measure: async () => domainRows() },
    { name: 'audit', measure: () => auditRows(scale) },
    { name: 'load', measure: coldLoadRows },
  ];
  for (const { name, measure } of [endToEnd, ...others]) if (isWanted(name)) await add(name, measure);
  return { machine, versions: describeVersions(versions), rows, ratios: ratiosOf(rows), cpu, notes };
}
