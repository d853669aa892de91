/** Counters of the write side, with their labels. Names are those a metrics registry exports. */
export type CounterName =
  | 'commands_total'
  | 'command_conflicts_total'
  | 'state_cache_total'
  | 'state_cache_disk_total'
  | 'attempts_dropped_total'
  | 'payments_handled_total'
  | 'payments_retried_total'
  | 'payments_parked_total'
  | 'payments_duplicate_total'
  | 'relay_events_total'
  | 'relay_resyncs_total'
  | 'timer_ticks_total'
  | 'payments_matched_total'
  | 'notice_events_total';

/** Durations in seconds. */
export type HistogramName = 'command_seconds' | 'payment_seconds' | 'relay_lag_seconds' | 'timer_lateness_seconds';

/** Gauges: a value as of now. */
export type GaugeName = 'intake_in_flight' | 'relay_in_flight' | 'timers_due';

/** Where the write side counts; the server adapts its metrics registry to it. */
export type Metrics = {
  count(name: CounterName, labels?: Readonly<Record<string, string>>, by?: number): void;
  observe(name: HistogramName, seconds: number, labels?: Readonly<Record<string, string>>): void;
  gauge(name: GaugeName, value: number): void;
};

/** Counts nothing. */
export const noMetrics: Metrics = { count() {}, observe() {}, gauge() {} };
