/** Runs `task` for 0 … count-1, at most `windowCountMax` at the same time; rejects with the first failure. */
export async function windowed(
  count: number,
  windowCountMax: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(windowCountMax, count) }, worker));
}

/** What a timed series of calls came to. */
export type Timed = { readonly perSecond: number; readonly latenciesMs: readonly number[] };

/** Runs a task `count` times within a window and times each one and all together. */
export async function timed(
  count: number,
  windowCountMax: number,
  task: (index: number) => Promise<void>,
): Promise<Timed> {
  const latenciesMs: number[] = [];
  const began = performance.now();
  await windowed(count, windowCountMax, async (index) => {
    const started = performance.now();
    await task(index);
    latenciesMs.push(performance.now() - started);
  });
  return { perSecond: (count * 1000) / (performance.now() - began), latenciesMs };
}
