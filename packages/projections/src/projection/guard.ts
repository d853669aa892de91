import type { LogItem } from './log-item.ts';

/** What the guard says of the events of one stream: which to apply, and what is missing before the first that cannot be. */
export type Guarded = {
  /** Contiguous from the row's revision + 1. */
  readonly next: readonly LogItem[];
  readonly seenCount: number;
  /** Revisions (inclusive) that did not arrive before the ones in `later`. */
  readonly gap?: { readonly from: number; readonly to: number };
  readonly later: readonly LogItem[];
};

/**
 * The revision guard: seen → skip; next → apply; gap → the caller reads what is missing from the log. Whatever the broker
 * lost, repeated or reordered, a row has exactly the events of its stream, in order.
 */
export function guard(revision: number, items: readonly LogItem[]): Guarded {
  // As good as always.
  if (items.every(({ event }, index) => event.revision === revision + 1 + index)) {
    return { next: items, seenCount: 0, later: [] };
  }
  const next: LogItem[] = [];
  let last = revision;
  const sorted = [...items].sort((a, b) => a.event.revision - b.event.revision);
  for (const [index, item] of sorted.entries()) {
    const itsRevision = item.event.revision;
    if (itsRevision > last + 1) {
      const later = sorted.slice(index);
      return { next, seenCount: index - next.length, gap: { from: last + 1, to: itsRevision - 1 }, later };
    }
    if (itsRevision === last + 1) {
      next.push(item);
      last = itsRevision;
    }
  }
  return { next, seenCount: sorted.length - next.length, later: [] };
}
