/**
 * What is recorded of the lifecycle and holds, in the order of its places in valid time: late facts are decided in it.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import { chainAppend, chainItems, chainLength, chainOf, type Chain } from './chain.ts';
import { evolveHeader, foldInto } from './evolve-header.ts';
import type { SubscriptionEvent, SubscriptionEventData } from './events.ts';
import type { SubscriptionHeader } from './header.ts';
import { carriedBy, isParking } from './lifecycle-events.ts';
import { copyOf } from './with-changes.ts';

/** A lifecycle event that holds (nothing reversed it). */
export type TimelineEntry = {
  readonly id: string;
  readonly type: SubscriptionEvent['type'];
  readonly data: SubscriptionEvent['data'];
  readonly effectiveAt: Instant;
  /** Where the decision behind it stands in valid time: a renewal takes effect later than it was paid. */
  readonly place: Instant;
  /** The header it was decided on; `null` where that follows from an entry before it, see {@link headerBefore}. */
  readonly before: SubscriptionHeader | null;
};

/** Of so many entries of the timeline one keeps its header: all of them would be most of what a long history weighs. */
const headerEvery = 32;

/** Whether the header that the next entry is decided on is kept with it; else it follows from an entry before it. */
export function keepsHeader(timeline: Chain<TimelineEntry>): boolean {
  return chainLength(timeline) % headerEvery === 0;
}

/**
 * The timeline with a lifecycle event; what a reversal undoes is no longer in it. `before` is as {@link TimelineEntry} has
 * it; that of a reversal is what it restored.
 */
export function evolveTimeline(
  timeline: Chain<TimelineEntry>,
  event: SubscriptionEvent,
  place: Instant,
  before: SubscriptionHeader | null,
): Chain<TimelineEntry> {
  const { id, type, data, effectiveAt } = event;
  const entry = { id, type, data, effectiveAt, place, before };
  if (type === 'ExpiryReversed') return chainOf([...withoutReversed(timeline, new Set(event.data.reverses)), entry]);
  if (type === 'SubscriptionRenewed' && event.data.ahead !== undefined) {
    return chainOf(renewedEarlier(chainItems(timeline), entry, event.data));
  }
  const isEarlier = isParking(event) && timeline !== null && timeline.item.place > place;
  return isEarlier ? chainOf(parkedEarlier(chainItems(timeline), entry)) : chainAppend(timeline, entry);
}

/** A payment that waits goes before the later ones that only wait as well: their headers now follow from it. */
function parkedEarlier(entries: readonly TimelineEntry[], entry: TimelineEntry): TimelineEntry[] {
  const index = entries.findLastIndex(({ place }) => place <= entry.place) + 1;
  return [
    ...entries.slice(0, index),
    { ...entry, before: entries[index]?.before ?? null },
    ...entries.slice(index).map((later) => (later.before === null ? later : { ...later, before: null })),
  ];
}

/**
 * A payment goes before later ones: each pays the term after the one it paid. The first of them may have paid the running
 * term; then the new one does, and that one renews.
 */
function renewedEarlier(
  entries: readonly TimelineEntry[],
  entry: TimelineEntry,
  { ahead = 0, ...data }: SubscriptionEventData<'SubscriptionRenewed'>,
): TimelineEntry[] {
  const index = entries.length - ahead;
  const later = entries.slice(index);
  const running = later[0]?.type === 'PaymentFactRecorded' ? headerBefore(entries, index) : null;
  const terms = [...later.map((each) => termOf(each, running)), data];
  const moved = [entry, ...later].map(({ id, data: { ...paid }, place }, at): TimelineEntry => {
    const { fact, appliedAt } = carriedBy({ data: paid });
    const payment = { ...(fact === undefined ? {} : { fact }), ...(appliedAt === undefined ? {} : { appliedAt }) };
    const { termStart, termEnd } = terms[at] ?? data;
    const before = at === 0 ? (later[0]?.before ?? null) : null;
    if (at === 0 && running !== null && fact !== undefined) {
      const first = { ...payment, fact, effect: 'activation' } as const;
      return { id, type: 'PaymentFactRecorded', data: first, effectiveAt: place, place, before };
    }
    const renewed = { ...payment, termStart, termEnd };
    return { id, type: 'SubscriptionRenewed', data: renewed, effectiveAt: termStart, place, before };
  });
  return [...entries.slice(0, index), ...moved];
}

function termOf({ data, type }: TimelineEntry, running: SubscriptionHeader | null): TermData {
  if (type === 'PaymentFactRecorded') return { termStart: running?.termStart ?? '', termEnd: running?.termEnd ?? '' };
  // All others are renewals: whoever decided the event saw to it.
  return data as TermData;
}

type TermData = Pick<SubscriptionEventData<'SubscriptionRenewed'>, 'termStart' | 'termEnd'>;

/** What stays behind a reversed entry was decided on that entry all the same. */
function withoutReversed(timeline: Chain<TimelineEntry>, reversed: ReadonlySet<string>): TimelineEntry[] {
  const entries = chainItems(timeline);
  const first = entries.findIndex(({ id }) => reversed.has(id));
  return entries.flatMap((entry, index) => {
    if (reversed.has(entry.id)) return [];
    return first < 0 || index < first ? [entry] : [{ ...entry, before: headerBefore(entries, index) }];
  });
}

/**
 * The header that an entry of the timeline was decided on, folded from the nearest one that is kept. Only its lifecycle is
 * of that time: seats and payment methods stand beside it.
 */
export function headerBefore(entries: readonly TimelineEntry[], index: number): SubscriptionHeader {
  let first = index;
  while (entries[first]?.before === null) first -= 1;
  const kept = entries[first]?.before;
  if (!kept) throw new RangeError(`the timeline has no entry ${index}, or begins with one that keeps no header`);
  if (first === index) return kept;
  const header = copyOf(kept);
  for (const entry of entries.slice(first, index)) foldInto(header, eventOf(entry, header));
  return header;
}

/** An entry of the timeline with the header that it was decided on, see {@link headerBefore}. */
export type EntryWithHeader = TimelineEntry & { readonly before: SubscriptionHeader };

/** The whole timeline, or its end from an entry on that keeps its header. */
export function withHeaders(entries: readonly TimelineEntry[]): EntryWithHeader[] {
  let header = entries[0]?.before ?? null;
  return entries.map((entry) => {
    const before = entry.before ?? header;
    if (before === null) throw new RangeError('the timeline begins with an entry that keeps no header');
    header = evolveHeader(before, eventOf(entry, before));
    return { ...entry, before };
  });
}

/** An entry is an event without what surrounds it. */
function eventOf(
  { id, type, data, effectiveAt }: TimelineEntry,
  { revision }: Pick<SubscriptionHeader, 'revision'>,
): SubscriptionEvent {
  // Type and data were taken from one event.
  return { id, type, data, effectiveAt, revision, recordedAt: '', commandId: '' } as SubscriptionEvent;
}
