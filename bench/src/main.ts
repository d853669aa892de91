/**
 * What `npm run bench` runs once the workspace is installed and built (`contract.md`, Commands).
 *
 * @module
 */
import { profileEndToEnd, renderProfile } from './profile/profile-end-to-end.ts';
import { fullScale, quickScale } from './rows/scale.ts';
import { readOptions, usage, type BenchOptions } from './options.ts';
import { renderTable } from './report/table.ts';
import type { Report } from './report/report.ts';
import { runBench } from './run.ts';

process.exit(await main());

async function main(): Promise<number> {
  let options: BenchOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`perennial bench: ${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  if (options.profile !== undefined) {
    const profile = await profileEndToEnd(options.profile, options.quick ? quickScale : fullScale);
    console.log(
      options.json ? JSON.stringify({ ...profile, processes: [...profile.processes] }) : renderProfile(profile),
    );
    return 0;
  }
  // Progress goes to stderr, so that stdout holds the report and nothing else.
  const report = await runBench(options, (text) => console.error(`bench: ${text}`));
  console.log(options.json ? JSON.stringify(report, null, 2) : readable(report));
  return 0;
}

function readable({ machine, versions, rows, ratios, cpu, notes }: Report): string {
  const named = (record: Readonly<Record<string, unknown>>): string =>
    Object.entries(record)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', ');
  const { cpu: model, cores, memoryBytes, platform, loadAtStart } = machine;
  return [
    `${model}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GiB, ${platform}; load ${loadAtStart.toFixed(1)} at the start`,
    named(versions),
    '',
    renderTable(rows),
    '',
    `ratios: ${named(ratios) || 'none'}`,
    ...cpu.map(
      ({ id, system, totalUs, usPerPayment }) =>
        `CPU per payment, ${id} ${system}: ${totalUs} µs (${named(usPerPayment)})`,
    ),
    ...notes,
  ].join('\n');
}
