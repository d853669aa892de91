import { subscriptionStream } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { subscriptionEntries, entryMaker, upTo, type HistoryEntry } from './entry.ts';
import { byPosition, relatedEvents, type RelatedKind, type RelatedSources } from './related-streams.ts';

/** What of a history is asked for. */
export type HistoryRequest = {
  readonly tenant: string;
  readonly subscriptionId: string;
  /** A revision, or an instant of valid time; included. */
  readonly from?: number | string | undefined;
  /** The same, not included. */
  readonly to?: number | string | undefined;
  /** Only what had been recorded by then, marked as it was known then. */
  readonly knownAt?: string | undefined;
  /** Events of the subscription in a page; those of other streams come with them. */
  readonly limit: number;
  /** Other streams whose events are woven in, in the order of the log. */
  readonly include?: ReadonlySet<RelatedKind> | undefined;
};

/** One page; undefined when there is no such subscription. */
export type HistoryPage = {
  /** Oldest first. */
  readonly entries: readonly HistoryEntry[];
  /** Kinds of other streams of which a later question may know more. */
  readonly incomplete: readonly RelatedKind[];
  /** Revision that the next page begins with. */
  readonly next: number | null;
  /** Position of the last event that was looked at. */
  readonly position: bigint;
};

/** The history of one subscription (`domain.md 6.8`), from its stream, so never behind. */
export async function subscriptionHistory(
  sources: RelatedSources,
  request: HistoryRequest,
): Promise<HistoryPage | undefined> {
  const { tenant, subscriptionId, from, to, limit, knownAt, include } = request;
  const recorded = await sources.streams.read(subscriptionStream(tenant, subscriptionId));
  if (recorded.length === 0) return undefined;
  const all = upTo(recorded, knownAt);
  const first = typeof from === 'number' ? from : 0;
  const page = all.slice(first, first + limit);
  const following = all[first + limit];
  const own = page.filter((event) => isWithin(event, from, to));
  const entries = await Promise.all(own.map(subscriptionEntries(all, sources.streams)));
  const related = await relatedEvents(sources, all, include ?? new Set());
  const [begin, end] = [first === 0 ? -1n : (all[first - 1]?.position ?? -1n), following?.position];
  const woven = related.events.filter(
    (event) =>
      event.position > begin &&
      (end === undefined || event.position < end) &&
      (knownAt === undefined || event.metadata.recordedAt <= knownAt) &&
      isWithin(event, typeof from === 'string' ? from : undefined, typeof to === 'string' ? to : undefined),
  );
  const others = await Promise.all(woven.map(entryMaker(sources.streams, knownAt)));
  return {
    entries: others.length === 0 ? entries : [...entries, ...others].sort((a, b) => byPosition(a.event, b.event)),
    incomplete: related.incomplete,
    next: following?.revision ?? null,
    position: (page.at(-1) ?? recorded.at(-1))?.position ?? 0n,
  };
}

function isWithin(event: RecordedEvent, from?: number | string, to?: number | string): boolean {
  const at = event.metadata.effectiveAt;
  return (
    (typeof from !== 'string' || at >= from) &&
    (typeof to !== 'string' || at < to) &&
    (typeof to !== 'number' || event.revision < to)
  );
}
