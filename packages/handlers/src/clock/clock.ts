import type { Instant } from '@perennial/domain';

/** Where the write side takes `now` from. */
export type Clock = {
  now(): Instant;
  /** True for a clock that stands still until it is moved. */
  readonly virtual: boolean;
  /** Calls `listener` after a virtual clock moved; answers how to stop listening. The system clock never calls it. */
  onAdvance(listener: (now: Instant) => void): () => void;
};

/** A clock that stands still until somebody moves it; every process of an installation follows the same one. */
export type VirtualClock = Clock & {
  readonly virtual: true;
  /**
   * Appends `ClockAdvanced` and resolves when this process sees it. Moving to the instant it already shows is fine.
   * @throws ClockWouldGoBackError when `to` lies before `now()`
   */
  advanceTo(to: Instant): Promise<Instant>;
  /** Stops following. */
  close(): Promise<void>;
};
