/** How much is measured: `--quick` shortens, and every row says the same as a longer one, with more noise. */
export type Scale = {
  /** Length of one series of calls of the smaller rows. */
  readonly callCount: number;
  /** Events in the log that relay and rebuild are measured with. */
  readonly logEventCount: number;
  /** Subscriptions that payments are spread over. */
  readonly subscriptionCount: number;
  /** Payments in one round of throughput. */
  readonly renewalCount: number;
  /** Rounds of throughput; the median counts. */
  readonly roundCount: number;
  /** Payments per second while latency is measured. */
  readonly latencyRatePerSecond: number;
  /** Payments whose latency is measured. */
  readonly latencyCount: number;
  /** Payments in flight at the other system, tried before the run; its best setting counts. */
  readonly concurrencies: readonly number[];
};

/** The whole run. */
export const fullScale: Scale = {
  callCount: 20_000,
  logEventCount: 20_000,
  subscriptionCount: 1_000,
  renewalCount: 6_000,
  roundCount: 5,
  latencyRatePerSecond: 50,
  latencyCount: 1_000,
  concurrencies: [8, 16, 32, 64],
};

/** Three minutes. */
export const quickScale: Scale = {
  callCount: 6_000,
  logEventCount: 6_000,
  subscriptionCount: 300,
  renewalCount: 2_000,
  roundCount: 3,
  latencyRatePerSecond: 50,
  latencyCount: 400,
  concurrencies: [16, 32],
};
