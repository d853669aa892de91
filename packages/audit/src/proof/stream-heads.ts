import {
  canonicalJson,
  continueChain,
  emptyHead,
  type ChainBreak,
  type RawEvent,
  type StreamHead,
} from '@perennial/event-store';
import { leafHash } from './merkle.ts';

/** The first place where the chain of a stream is broken. */
export type BrokenChain = {
  readonly stream: string;
  readonly revision: number;
  /** Position in the log, as decimal text. */
  readonly position: string;
  readonly reason: ChainBreak;
  readonly detail: string;
};

/** A leaf of the tree over a log: where a stream ended. */
export type HeadLeaf = { readonly stream: string; readonly revision: number; readonly hash: string };

/** More streams than one reading may hold in memory. */
export class TooManyStreamsError extends Error {
  override readonly name = 'TooManyStreamsError';
  readonly code = 'TOO_MANY_STREAMS';
  constructor(streamCountMax: number) {
    super(
      `The log has more than ${streamCountMax} streams, and their heads are kept in memory: ` +
        'check one tenant or subscription at a time, or raise streamCountMax.',
    );
  }
}

/**
 * Streams whose beginnings are given up on purpose (`$maxCount`): they are checked from the first event that is left, and
 * no root covers them, because what it covered would be gone one day.
 */
const boundedPrefixes = ['attempts-'];

/** Follows the chains of every stream while the log is read once, and knows where each of them ends. */
export class StreamHeads {
  readonly #heads = new Map<string, StreamHead>();
  readonly #broken = new Map<string, BrokenChain>();
  readonly #streamCountMax: number;
  #eventCount = 0;

  constructor({ streamCountMax }: { readonly streamCountMax: number }) {
    this.#streamCountMax = streamCountMax;
  }

  get eventCount(): number {
    return this.#eventCount;
  }

  get streamCount(): number {
    return this.#heads.size;
  }

  /** The first break of each broken stream; the rest of such a stream says nothing. */
  get broken(): readonly BrokenChain[] {
    return [...this.#broken.values()];
  }

  /** Every stream that was met, bounded ones included. */
  names(): readonly string[] {
    return [...this.#heads.keys()];
  }

  headOf(stream: string): StreamHead | undefined {
    return this.#heads.get(stream);
  }

  /**
   * Takes the next event of the log.
   * @throws TooManyStreamsError
   */
  add(event: RawEvent): void {
    const { stream } = event;
    this.#eventCount += 1;
    if (this.#broken.has(stream)) return;
    const known = this.#heads.get(stream);
    if (!known && this.#heads.size >= this.#streamCountMax) throw new TooManyStreamsError(this.#streamCountMax);
    const head = known ?? (mayBeTruncated(stream) && event.revision > 0 ? undefined : emptyHead(stream));
    const next = continueChain(stream, head, event);
    if ('reason' in next) {
      this.#broken.set(stream, { stream, revision: event.revision, position: String(event.position), ...next });
      this.#heads.set(stream, known ?? emptyHead(stream));
      return;
    }
    this.#heads.set(stream, next);
  }

  /** The leaves of the tree over all streams as they are now, in the order of their names. */
  leaves(): readonly HeadLeaf[] {
    return [...this.#heads]
      .filter(([stream, { revision }]) => revision >= 0 && !mayBeTruncated(stream))
      .map(([stream, { revision, hash }]) => ({ stream, revision, hash }))
      .sort((a, b) => (a.stream < b.stream ? -1 : 1));
  }
}

function mayBeTruncated(stream: string): boolean {
  return boundedPrefixes.some((prefix) => stream.startsWith(prefix));
}

/** The hash of a leaf: over the RFC 8785 JSON of `{hash, revision, stream}`. */
export function hashOfLeaf({ stream, revision, hash }: HeadLeaf): string {
  return leafHash(canonicalJson({ stream, revision, hash }));
}
