import { placeOf, type AsOf, asSubscriptionEvent } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { upTo } from '../history/entry.ts';
import { reversedBy } from '../history/marks.ts';

/**
 * The events of a subscription that count as of an instant: known by then, undone by none that was known, and standing no
 * later than `at` in valid time.
 */
export function inForce(events: readonly RecordedEvent[], { at, knownAt }: AsOf): ReadonlyMap<string, RecordedEvent> {
  const known = upTo(events, knownAt);
  const undone = new Set(known.flatMap(reversedBy));
  return new Map(
    known
      .filter((event) => !undone.has(event.id) && placeOf(asSubscriptionEvent(event)) <= at)
      .map((event) => [event.id, event]),
  );
}
