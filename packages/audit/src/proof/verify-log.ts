import type { RawEvent } from '@perennial/event-store';
import { rootOf, type LogRoot } from './log-root.ts';
import { StreamHeads, type BrokenChain } from './stream-heads.ts';

/** A root that was published, held against the log as it is. */
export type RootCheck = {
  readonly root: LogRoot;
  readonly holds: boolean;
  /** What differs, for people; absent when it holds. */
  readonly detail?: string;
};

/** How far a verification is. */
export type VerifyProgress = {
  readonly events: number;
  readonly streams: number;
  readonly perSecond: number;
  /** Position reached, as decimal text. */
  readonly position: string;
};

/** What a verification found. */
export type LogVerdict = {
  /** Every chain holds and every root is the log's. */
  readonly ok: boolean;
  readonly events: number;
  readonly streams: number;
  readonly perSecond: number;
  /** The root over what was read; absent when only a part of the log was. */
  readonly root?: LogRoot;
  /** First break of each broken stream, in the order in which they were met. */
  readonly broken: readonly BrokenChain[];
  readonly roots: readonly RootCheck[];
};

/** What to verify, and how. */
export type VerifyLogOptions = {
  readonly logId: string;
  /** Roots published before, from the log itself or from outside. Only the whole log can be held against them. */
  readonly roots?: readonly LogRoot[];
  /** The events are those of some streams only. */
  readonly isPart?: boolean;
  /** Heads are kept in memory, about 300 bytes each; default 2 000 000. */
  readonly streamCountMax?: number;
  /** Default 20 000. */
  readonly progressEveryEvents?: number;
  readonly onProgress?: (progress: VerifyProgress) => void;
  readonly signal?: AbortSignal;
};

/**
 * Recomputes every chain while the log is read once, in its order, and every published root when its position is passed.
 * A changed, removed, reordered or inserted event breaks its stream's chain; what was cut off at an end, a stream that is
 * gone, or a log that somebody wrote anew with good chains, is caught by a root that was published before.
 *
 * @throws TooManyStreamsError
 */
export async function verifyLog(events: AsyncIterable<RawEvent>, options: VerifyLogOptions): Promise<LogVerdict> {
  const { progressEveryEvents = 20_000, streamCountMax = 2_000_000 } = options;
  const heads = new StreamHeads({ streamCountMax });
  const rate = startRate();
  const rootsToCheck = createRootChecks(heads, options);
  let position = 0n;
  let until = '';
  for await (const event of events) {
    options.signal?.throwIfAborted();
    rootsToCheck.before(event.position, until);
    heads.add(event);
    position = event.position;
    const recordedAt = heads.headOf(event.stream)?.recordedAt ?? '';
    if (recordedAt > until) until = recordedAt;
    if (heads.eventCount % progressEveryEvents === 0) options.onProgress?.(progressOf(heads, rate, position));
  }
  const roots = rootsToCheck.end(position, until);
  const { broken } = heads;
  const ok = broken.length === 0 && roots.every(({ holds }) => holds);
  const { events: eventCount, streams, perSecond } = progressOf(heads, rate, position);
  const root = options.isPart ? {} : { root: rootOf(heads, { logId: options.logId, position, until }).root };
  return { ok, events: eventCount, streams, perSecond, ...root, broken, roots };
}

type RootChecks = {
  /** Call before an event is taken: what it passes is checked. */
  before(position: bigint, until: string): void;
  end(position: bigint, until: string): readonly RootCheck[];
};

function createRootChecks(heads: StreamHeads, { logId, roots = [], isPart = false }: VerifyLogOptions): RootChecks {
  const waiting = isPart ? [] : [...roots].sort((a, b) => (BigInt(a.position) < BigInt(b.position) ? -1 : 1));
  const checks: RootCheck[] = [];
  let reached = 0n;
  const check = (published: LogRoot, until: string): void => {
    const { root } = rootOf(heads, { logId, position: reached, until });
    const detail = differenceOf(published, root);
    checks.push({ root: published, holds: detail === undefined, ...(detail !== undefined && { detail }) });
  };
  return {
    before(position, until) {
      for (let next = waiting[0]; next && BigInt(next.position) < position; next = waiting[0]) {
        check(next, until);
        waiting.shift();
      }
      reached = position;
    },
    end(position, until) {
      reached = position;
      for (const published of waiting.splice(0)) check(published, until);
      return checks;
    },
  };
}

function differenceOf(published: LogRoot, found: LogRoot): string | undefined {
  if (published.logId !== found.logId) return `it is of the log ${published.logId}, this is ${found.logId}`;
  if (published.position !== found.position) {
    return `it covers the log up to position ${published.position}; here the last event up to there is at ${found.position}`;
  }
  if (published.root === found.root) return undefined;
  const counts = `it covers ${published.eventCount} events in ${published.streamCount} streams`;
  return `${counts}, here there are ${found.eventCount} in ${found.streamCount}, and the root is ${found.root}`;
}

function startRate(): (count: number) => number {
  const startedAt = performance.now();
  return (count) => Math.round((count * 1000) / Math.max(1, performance.now() - startedAt));
}

function progressOf(heads: StreamHeads, rate: (count: number) => number, position: bigint): VerifyProgress {
  const { eventCount: events, streamCount: streams } = heads;
  return { events, streams, perSecond: rate(events), position: String(position) };
}
