import type { RecordedEvent } from '@perennial/event-store';
import type { Log } from './log.ts';

/** Streams read to their end, each time; only what is new since the last time is read from the log. */
export type StreamMemory = {
  /** Oldest first; empty for a stream that does not exist. @throws UndecodableEventError */
  read(stream: string): Promise<readonly RecordedEvent[]>;
};

/** Options of {@link createStreamMemory}. */
export type StreamMemoryOptions = {
  readonly log: Pick<Log, 'readStream'>;
  /** Events kept over all streams; default 20 000, some 50 MB. A longer stream is read and not kept. */
  readonly eventCountMax?: number;
};

/**
 * Events never change, so what was read once may be kept; where a stream ends is asked every time. A stream that is cut at
 * its beginning (`attempts-…`) does not belong here.
 */
export function createStreamMemory({ log, eventCountMax = 20_000 }: StreamMemoryOptions): StreamMemory {
  const kept = new Map<string, readonly RecordedEvent[]>();
  let eventCount = 0;

  const forget = (stream: string): void => {
    eventCount -= kept.get(stream)?.length ?? 0;
    kept.delete(stream);
  };
  const keep = (stream: string, events: readonly RecordedEvent[]): void => {
    forget(stream);
    if (events.length === 0 || events.length > eventCountMax) return;
    kept.set(stream, events);
    eventCount += events.length;
    for (const oldest of kept.keys()) {
      if (eventCount <= eventCountMax) return;
      forget(oldest);
    }
  };
  return {
    read: async (stream) => {
      const known = kept.get(stream) ?? [];
      const tail: RecordedEvent[] = [];
      for await (const event of log.readStream(stream, { fromRevision: known.length })) tail.push(event);
      const events = tail.length === 0 ? known : [...known, ...tail];
      // Also when nothing is new: it was asked for last.
      keep(stream, events);
      return events;
    },
  };
}
