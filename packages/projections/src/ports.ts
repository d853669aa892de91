/**
 * What the read side is given, and what it offers to the write side. Structural types: the packages that implement or
 * use them depend on this one or on none, never the other way round.
 *
 * @module
 */

import type { DeadlineKind, Instant } from '@perennial/domain';

/** The clock that decisions and reads look at; possibly virtual. */
export type ReadClock = { now(): Instant };

/** The vault's side of personal data: read models know only random person ids. */
export type People = {
  /** The person id of a user that the vault knows; never makes one. */
  personIdIfKnown(tenant: string, userId: string): Promise<string | undefined>;
  /** User ids of the people that are still in the vault; erased people are absent. */
  userIdsOf(personIds: Iterable<string>): Promise<ReadonlyMap<string, string>>;
};

/** A due automatic transition of a subscription (`domain.md 6.6`). */
export type DueDeadline = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly at: Instant;
  readonly kind: DeadlineKind;
};

/** Port of the timers. */
export type DueDeadlines = {
  /**
   * Deadlines with `at <= now`, ordered by (at, tenant, subscriptionId), at most `limit`; only those after `after` in that
   * order when it is given, so that deletions that have to wait do not hide what is due behind them.
   */
  dueBefore(now: Instant, limit: number, after?: DueDeadline): Promise<readonly DueDeadline[]>;
  /** Whether a payment that is parked, quarantined or not yet applied names the subscription: its deletion waits. */
  paymentsPending(tenant: string, subscriptionId: string): Promise<boolean>;
  /** The earliest deadline of all: when to wake up. */
  nextDue(): Promise<Instant | undefined>;
};

/** A waiting payment and the subscription it belongs to. */
export type PaymentPair = {
  readonly paymentStream: string;
  readonly provider: string;
  readonly object: string;
  readonly tenant: string;
  readonly subscriptionId: string;
};

/** Port of the matcher. */
export type MatchablePayments = {
  /** Parked payments whose subscription is known by now, oldest first. */
  next(limit: number): Promise<readonly PaymentPair[]>;
  /** Payments matched but not yet applied: driven on at start-up. */
  openMatches(limit: number): Promise<readonly PaymentPair[]>;
};

/** How far the read models have come, in positions of the log. */
export type ReadModelProgress = {
  /** Resolves when everything up to `position` is in the read models. @throws ReadModelBehindError after `timeoutMs` */
  waitFor(position: bigint, timeoutMs: number): Promise<void>;
  /** Calls `listener` after the read models moved on; answers how to stop listening. */
  onProgress(listener: () => void): () => void;
};

/** The part of pino's logger that is used here. */
export type Logger = {
  debug(context: object, message: string): void;
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
};

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A long-running part of the process. */
export type Role = {
  readonly name: string;
  /** Drains and ends; safe to call twice. */
  stop(): Promise<void>;
  /** Settles when the role has ended; rejects on a fatal fault. */
  readonly stopped: Promise<void>;
  status(): { readonly state: 'starting' | 'running' | 'failing' | 'stopped'; readonly detail: string };
};
