import type { Instant } from '../instant.ts';
import { nextDeadline } from './deadlines.ts';
import type { DeadlineKind, SubscriptionHeader, SubscriptionStatus } from './header.ts';
import { applyDeadlines } from './view.ts';

/** An automatic transition ahead (`domain.md 6.7`, upcoming). */
export type UpcomingTransition = {
  readonly kind: DeadlineKind;
  readonly at: Instant;
  readonly from: SubscriptionStatus;
  readonly to: SubscriptionStatus;
};

/**
 * Every automatic transition that will happen if nothing else does, in order: no payment, no command. What a payment or a
 * command would avert is in it all the same.
 */
export function upcomingTransitions(header: SubscriptionHeader, now: Instant, countMax = 20): UpcomingTransition[] {
  const transitions: UpcomingTransition[] = [];
  let current = applyDeadlines(header, now);
  for (let next = nextDeadline(current); next !== null && transitions.length < countMax; next = nextDeadline(current)) {
    const after = applyDeadlines(current, next.at);
    transitions.push({ ...next, from: current.status, to: after.status });
    current = after;
  }
  return transitions;
}
