/**
 * What the read side is given, and what it offers to the write side. Structural types: the packages that implement or
 * use them depend on this one or on none, never the other way round.
 *
 * @module
 */

/** An instant in UTC with milliseconds. */
export type Instant = string;

/** The clock that decisions and reads look at; possibly virtual. */
export type ReadClock = { now(): Instant };

/** The vault's side of personal data: read models know only random person ids. */
export type People = {
  /** The person id of a user that the vault knows; never makes one. */
  personIdIfKnown(tenant: string, userId: string): Promise<string | undefined>;
  /** User ids of the people that are still in the vault; erased people are absent. */
  userIdsOf(personIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
};

/** A due automatic transition of a subscription (`domain.md 6.6`). */
export type DueDeadline = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly at: Instant;
  readonly kind: string;
};

/** Port of the timers: what is due, oldest first. */
export type DueDeadlines = {
  dueBefore(now: Instant, limit: number): Promise<readonly DueDeadline[]>;
  /** Whether a payment that is parked, quarantined or not yet applied names the subscription: its deletion waits. */
  paymentsPending(tenant: string, subscriptionId: string): Promise<boolean>;
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

/** A long-running part of the process. */
export type Role = {
  readonly name: string;
  /** Drains and ends; safe to call twice. */
  stop(): Promise<void>;
  /** Settles when the role has ended; rejects on a fatal fault. */
  readonly stopped: Promise<void>;
  status(): { readonly state: 'starting' | 'running' | 'failing' | 'stopped'; readonly detail: string };
};
