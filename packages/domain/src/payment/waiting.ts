import { addDuration } from '../calendar/index.ts';
import type { Instant } from '../instant.ts';

/**
 * How long a payment that found no subscription may wait (`domain.md 6.6`). No policy profile says so: which one would hold
 * is known only with the subscription.
 */
export const unmatchedPaymentRules = { alertAfter: 'PT1H', giveUpAfter: 'P30D' } as const;

/** A payment that waits: who has to look at it when. */
export type Waiting = {
  /** From here on somebody should look. */
  readonly alertAt: Instant;
  /** From here on nothing more is expected of its provider: it is matched by hand, or given back. */
  readonly giveUpAt: Instant;
  readonly attention: 'none' | 'alert' | 'given_up';
};

/** How a payment that was received then and has found no subscription stands now. */
export function waitingSince(receivedAt: Instant, now: Instant): Waiting {
  const alertAt = addDuration(receivedAt, unmatchedPaymentRules.alertAfter, 'UTC');
  const giveUpAt = addDuration(receivedAt, unmatchedPaymentRules.giveUpAfter, 'UTC');
  return { alertAt, giveUpAt, attention: now >= giveUpAt ? 'given_up' : now >= alertAt ? 'alert' : 'none' };
}
