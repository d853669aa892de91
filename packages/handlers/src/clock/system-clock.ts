import type { Clock } from './clock.ts';

/** The machine's clock. */
export function createSystemClock(): Clock {
  return { virtual: false, now: () => new Date().toISOString(), onAdvance: () => () => undefined };
}
