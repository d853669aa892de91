import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts in ticks. */
const ticksPerSecond = Number(tickRate());

/** CPU time that processes have used so far, in milliseconds, each with its children; empty where there is no `/proc`. */
export function cpuTimesMs(processes: Readonly<Record<string, number>>): Record<string, number> {
  const all = processTable();
  if (all.length === 0) return {};
  return Object.fromEntries(
    Object.entries(processes).map(([name, pid]) => {
      const family = all.filter((one) => one.pid === pid || one.parent === pid);
      return [name, family.reduce((total, { ticks }) => total + (ticks * 1_000) / ticksPerSecond, 0)];
    }),
  );
}

/** What was used between two readings, per unit of work, in microseconds. */
export function cpuUsPer(
  count: number,
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, ms]) => [name, Math.round(((ms - (before[name] ?? 0)) * 1_000) / count)]),
  );
}

type ProcessEntry = { readonly pid: number; readonly parent: number; readonly ticks: number };

function processTable(): ProcessEntry[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(processEntry);
  } catch {
    // No such file system here: CPU time is not reported.
    return [];
  }
}

function processEntry(pid: string): ProcessEntry[] {
  try {
    return [parseStat(Number(pid), readFileSync(`/proc/${pid}/stat`, 'utf8'))];
  } catch {
    // It ended between the listing and now.
    return [];
  }
}

/** `/proc/<pid>/stat`: the name in brackets may hold anything, so fields are counted behind it. */
export function parseStat(pid: number, stat: string): ProcessEntry {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (index: number): number => Number(fields[index] ?? 0);
  // Own time and that of children that have ended: a database ends its connections' processes.
  return { pid, parent: field(1), ticks: field(11) + field(12) + field(13) + field(14) };
}

function tickRate(): string {
  try {
    return execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).trim();
  } catch {
    // Every Linux on common machines counts so.
    return '100';
  }
}
