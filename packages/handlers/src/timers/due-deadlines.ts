import type { Instant } from '@perennial/domain';

/** A subscription with an automatic transition that is due. */
export type DueDeadline = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly at: Instant;
  /** A `DeadlineKind`; only for people. */
  readonly kind: string;
};

/** What timers ask of the read side. It may lag or be wrong: the decision is made on the stream. */
export type DueDeadlines = {
  /**
   * Deadlines with `at <= now`, ordered by (at, tenant, subscriptionId), at most `limit`, and only those after `after` in
   * that order when it is given (so that deletions that have to wait do not hide what is due behind them).
   */
  dueBefore(now: Instant, limit: number, after?: DueDeadline): Promise<readonly DueDeadline[]>;
  /** Whether a payment that is parked or quarantined, or matched but not yet applied, names the subscription. */
  paymentsPending(tenant: string, subscriptionId: string): Promise<boolean>;
  /** The earliest deadline of all, to wake up at; optional. */
  nextDue?(): Promise<Instant | undefined>;
};

/** How far the read side has come, in positions of the log. */
export type ReadModelProgress = {
  /** Resolves when everything up to `position` is in the read models; rejects after `timeoutMs`. */
  waitFor(position: bigint, timeoutMs: number): Promise<void>;
  /** Calls `listener` after the read models moved on; answers how to stop listening. Without it roles only poll. */
  onProgress?(listener: () => void): () => void;
};
