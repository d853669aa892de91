/** A payment stream whose waiting facts belong to a known subscription. */
export type MatchablePayment = {
  readonly paymentStream: string;
  readonly provider: string;
  readonly object: string;
  readonly tenant: string;
  readonly subscriptionId: string;
};

/** What the matcher asks of the read side. It may lag or repeat itself: the claim is made on the payment stream. */
export type MatchablePayments = {
  /** Waiting facts for which a link to a subscription is known, oldest first. */
  next(limit: number): Promise<readonly MatchablePayment[]>;
  /** Facts matched but not yet applied: driven on at start-up. */
  openMatches(limit: number): Promise<readonly MatchablePayment[]>;
};
