import { setTimeout as delay } from 'node:timers/promises';

/** For tests: waits until the condition holds, and fails with its name when it does not within the time. */
export async function eventually(name: string, condition: () => boolean, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${name}: not within ${withinMs} ms`);
    await delay(10);
  }
}
