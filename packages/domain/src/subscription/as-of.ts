import type { Instant } from '../instant.ts';
import { evolveHeader } from './evolve-header.ts';
import type { SubscriptionEvent } from './events.ts';
import type { SubscriptionHeader } from './header.ts';
import { placeOf } from './state.ts';
import { applyDeadlines } from './view.ts';

/** Which state is asked for. */
export type AsOf = {
  /** Valid time: what held then. */
  readonly at: Instant;
  /** System time: as far as was known then; absent = all that is known now. */
  readonly knownAt?: Instant;
};

/**
 * What held at an instant, as far as was known at another: the events recorded by `knownAt`, less those that one of them
 * reverses, in the order of their places in valid time, up to `at`; then deadlines in memory (architecture, Replay and
 * as-of). `null` when there was no subscription. For `at = knownAt = now` this is the live state.
 */
export function headerAsOf(events: Iterable<SubscriptionEvent>, { at, knownAt }: AsOf): SubscriptionHeader | null {
  const known = [...events].filter(({ recordedAt }) => knownAt === undefined || recordedAt <= knownAt);
  const reversed = new Set(known.flatMap((event) => (event.type === 'ExpiryReversed' ? event.data.reverses : [])));
  const standing = known
    .filter((event) => !reversed.has(event.id) && placeOf(event) <= at)
    .sort((a, b) => compare(placeOf(a), placeOf(b)) || a.revision - b.revision);
  const header = standing.reduce<SubscriptionHeader | null>(evolveHeader, null);
  return header === null ? null : applyDeadlines(header, at);
}

function compare(a: Instant, b: Instant): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
