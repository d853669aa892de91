/** How much is measured: `--quick` shortens, and every row says the same as a longer one, with more noise. */
export type Scale = {
  /** Length of one series of calls of the smaller rows. */
  readonly callCount: number;
  /** Events in the log that relay and rebuild are measured with. */
  readonly logEventCount: number;
  /** Subscriptions that payments are spread over. */
  readonly subscriptionCount: number;
  /** About how long one round of throughput takes the slowest system. */
  readonly roundSeconds: number;
  /** Rounds of throughput; the median counts. */
  readonly roundCount: number;
  /** How long latency is measured. */
  readonly latencySeconds: number;
  /** Payments in flight at the other system, tried before the run; its best setting counts. */
  readonly concurrencies: readonly number[];
};

/** The whole run. */
export const fullScale: Scale = {
  callCount: 20_000,
  logEventCount: 50_000,
  subscriptionCount: 1_000,
  roundSeconds: 10,
  roundCount: 5,
  latencySeconds: 20,
  concurrencies: [8, 16, 32, 64],
};

/** Five minutes. */
export const quickScale: Scale = {
  callCount: 4_000,
  logEventCount: 50_000,
  subscriptionCount: 200,
  roundSeconds: 4,
  roundCount: 3,
  latencySeconds: 5,
  concurrencies: [16, 32],
};

/** The most payments per second that latency is measured at: moderate for every system on an ordinary machine. */
const latencyRateMaxPerSecond = 50;
const roundCountMax = 20_000;

/** How many payments a round and the latency are measured with, given what the slowest contender did while warming up. */
export function loadFor(
  scale: Scale,
  slowestPerSecond: number,
): { readonly paymentCount: number; readonly latency: { readonly ratePerSecond: number; readonly count: number } } {
  const ratePerSecond = Math.max(1, Math.min(latencyRateMaxPerSecond, Math.floor(slowestPerSecond / 4)));
  const paymentCount = Math.round(slowestPerSecond * scale.roundSeconds);
  return {
    paymentCount: Math.min(roundCountMax, Math.max(scale.subscriptionCount, paymentCount)),
    latency: { ratePerSecond, count: ratePerSecond * scale.latencySeconds },
  };
}
