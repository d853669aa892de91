/**
 * Questions that no stream answers alone are asked of the whole log, page by page: each page reads a bounded stretch in
 * bounded time and says where the next one begins, so that memory and patience do not grow with the log.
 *
 * @module
 */
import type { RecordedEvent } from '@perennial/event-store';
import type { Log } from './log.ts';

/** Bounds of one page. */
export type ScanBounds = {
  /** Events looked at; default 50 000. */
  readonly scanCountMax?: number;
  /** Time after which the page ends; default 3 000. */
  readonly scanTimeMaxMs?: number;
};

/** What is looked for. */
export type ScanRequest = ScanBounds & {
  /** Streams whose names begin so; absent: all. */
  readonly prefixes?: readonly string[];
  /** `next` of the page before. */
  readonly after?: bigint | undefined;
  /** Events of a page. */
  readonly limit: number;
  readonly wants: (event: RecordedEvent) => boolean;
};

/** One page. */
export type ScanPage = {
  readonly events: readonly RecordedEvent[];
  /** Where to go on; null: the log was read to its end. A page may be empty and still have one. */
  readonly next: bigint | null;
  /** Events that cannot be decoded and so were not asked. */
  readonly undecodable: number;
};

/** Reads one page. */
export async function scanLog(log: Pick<Log, 'readAll'>, request: ScanRequest): Promise<ScanPage> {
  const { after, prefixes, limit, wants, scanCountMax = 50_000, scanTimeMaxMs = 3_000 } = request;
  const until = performance.now() + scanTimeMaxMs;
  const events: RecordedEvent[] = [];
  let undecodable = 0;
  let scanned = 0;
  const from = {
    ...(after === undefined ? {} : { after }),
    ...(prefixes === undefined ? {} : { streamPrefixes: prefixes }),
  };
  for await (const item of log.readAll(from)) {
    scanned += 1;
    if (item.kind === 'undecodable') undecodable += 1;
    else if (wants(item.event)) events.push(item.event);
    const isFull = events.length >= limit || scanned >= scanCountMax;
    // The clock is not asked for every event.
    if (isFull || (scanned % 64 === 0 && performance.now() > until)) {
      return { events, next: item.event.position, undecodable };
    }
  }
  return { events, next: null, undecodable };
}
