import { rounded, type Row } from '../report/report.ts';
import { percentile } from '../statistics/percentile.ts';

/** So long a sample takes at least, so that the clock of the process, which counts in microseconds, is fine enough. */
const sampleMs = 20;
const sampleCount = 40;
/** Compilers go on for that long; what is measured is the program after them. */
const warmUpMs = 1_000;

/**
 * Measures a function in CPU time of this process (its compiler and garbage collector included), which neighbours on the
 * machine touch less than the time on the wall. `p50Ms` and `p99Ms` are those of samples of many calls, per call.
 */
export function cpuMeasured(head: { readonly id: string; readonly unitCount: number }, call: () => void): Row {
  let callCount = 1;
  let warmedUpMs = 0;
  while (warmedUpMs < warmUpMs) {
    const ms = cpuMsOf(call, callCount);
    warmedUpMs += ms;
    // The last sample of the warm-up is one that is long enough.
    if (ms < sampleMs) callCount *= 2;
  }
  const samples = Array.from({ length: sampleCount }, () => cpuMsOf(call, callCount) / callCount);
  const mean = samples.reduce((total, ms) => total + ms, 0) / samples.length;
  return {
    id: head.id,
    system: 'perennial',
    perSecond: rounded((head.unitCount * 1_000) / mean),
    p50Ms: rounded(percentile(samples, 0.5) ?? 0),
    p99Ms: rounded(percentile(samples, 0.99) ?? 0),
    durable: false,
    shareOfLimit: null,
  };
}

function cpuMsOf(call: () => void, count: number): number {
  const before = process.cpuUsage();
  for (let index = 0; index < count; index += 1) call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
