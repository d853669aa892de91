import type { RecordedEvent } from '@perennial/event-store';

/** A field of the event's data, whatever its type; undefined when it has none. */
export function fieldOf({ data }: Pick<RecordedEvent, 'data'>, name: string): unknown {
  if (typeof data !== 'object' || data === null) return undefined;
  // Any object may be asked for any of its own properties.
  return Object.hasOwn(data, name) ? (data as Readonly<Record<string, unknown>>)[name] : undefined;
}
