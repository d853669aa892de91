/** Counters of the read side. */
export type ProjectionCounter =
  | 'projection_events_total'
  | 'projection_batches_total'
  | 'projection_duplicates_total'
  | 'gaps_healed_total'
  | 'projection_events_healed_total'
  | 'projection_streams_parked_total'
  | 'projection_retries_total'
  | 'feed_rows_total';

/** Durations in seconds. `projection_lag_seconds` is the age of an event when its rows were committed. */
export type ProjectionHistogram = 'projection_batch_seconds' | 'projection_lag_seconds';

/** Values as of now. `projection_lag_events` is what `EVENTS` still holds for us. */
export type ProjectionGauge = 'projection_lag_events' | 'feed_outbox_rows';

/** Where the read side counts; the server adapts its metrics registry to it. */
export type ProjectionMetrics = {
  count(name: ProjectionCounter, labels?: Readonly<Record<string, string>>, by?: number): void;
  observe(name: ProjectionHistogram, seconds: number, labels?: Readonly<Record<string, string>>): void;
  gauge(name: ProjectionGauge, value: number): void;
};

/** Counts nothing. */
export const noProjectionMetrics: ProjectionMetrics = { count() {}, observe() {}, gauge() {} };
