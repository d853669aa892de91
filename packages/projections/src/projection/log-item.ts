import type { RecordedEvent, UndecodableEvent } from '@perennial/event-store';

/** An event of the log as it reaches the projections, readable or not. */
export type LogItem =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'undecodable'; readonly event: UndecodableEvent };
