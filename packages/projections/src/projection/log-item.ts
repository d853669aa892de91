import type { RecordedEvent, UndecodableEvent } from '@perennial/event-store';

/** An event of the log as it reaches the projections, readable or not. */
export type LogItem =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'undecodable'; readonly event: UndecodableEvent };

/** Events grouped by their stream, each group in the given order. */
export function byStream(items: readonly LogItem[]): Map<string, LogItem[]> {
  const groups = new Map<string, LogItem[]>();
  for (const item of items) {
    const group = groups.get(item.event.stream);
    if (group) group.push(item);
    else groups.set(item.event.stream, [item]);
  }
  return groups;
}
