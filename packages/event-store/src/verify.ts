import { emptyHead, eventIdOf, hashCanonical, hashedMetadataJson } from './chain.ts';
import { canonicalJson } from './json.ts';
import type { RawEvent } from './raw-event.ts';
import type { StreamHead } from './types.ts';

/** What is wrong with the event at which a chain breaks. */
export type ChainBreak =
  /** The revision is not the next one: an event was removed, inserted or moved. */
  | 'not-contiguous'
  /** It belongs to another stream. */
  | 'other-stream'
  /** Data or metadata are not JSON, or not the canonical bytes that were written. */
  | 'bytes-changed'
  /** It does not follow the event before it. */
  | 'previous-hash-differs'
  /** Its content does not give its hash. */
  | 'hash-differs'
  /** Its id is not the one of its hash. */
  | 'id-differs'
  /** Its `recordedAt` is before the previous event's. */
  | 'recorded-before-previous'
  /** The stream ends before the head that was expected. */
  | 'ends-early';

/** The result of checking a stream: its head, or the first place where the chain is broken. */
export type ChainVerdict =
  | { readonly ok: true; readonly count: number; readonly head: StreamHead }
  | {
      readonly ok: false;
      /** Place among the events given, from 0. */
      readonly index: number;
      readonly revision: number;
      readonly reason: ChainBreak;
      readonly detail: string;
    };

/** How to check a chain. */
export type VerifyOptions = {
  /** Default: the stream of the first event. */
  readonly stream?: string;
  /** Where the events follow on, default the beginning of the stream; `'first'` trusts the first event (a truncated stream). */
  readonly after?: StreamHead | 'first';
  /** The head known from elsewhere: without it, the loss of the last events cannot be seen. */
  readonly expectedHead?: Pick<StreamHead, 'revision' | 'hash'>;
};

/** Recomputes a whole chain from stored bytes. Verification comes before upcasting and decryption. */
export function verifyChain(events: Iterable<RawEvent>, options: VerifyOptions = {}): ChainVerdict {
  const verifier = createChainVerifier(options);
  for (const event of events) {
    const verdict = verifier.add(event);
    if (verdict) return verdict;
  }
  return verifier.end();
}

/** The same, event by event, for streams that should not be held in memory. */
export type ChainVerifier = {
  /** Answers the break, or nothing when the event continues the chain. */
  add(event: RawEvent): Extract<ChainVerdict, { ok: false }> | undefined;
  end(): ChainVerdict;
};

/** Starts a check that is fed event by event. */
export function createChainVerifier(options: VerifyOptions = {}): ChainVerifier {
  let stream = options.stream;
  let head = options.after === 'first' ? undefined : options.after;
  let count = 0;
  return {
    add(event) {
      stream ??= event.stream;
      if (!head && options.after !== 'first') head = emptyHead(stream);
      const result = follow(stream, head, event);
      if ('reason' in result) return { ok: false, index: count, revision: event.revision, ...result };
      head = result;
      count += 1;
      return undefined;
    },
    end() {
      const end = head ?? emptyHead(stream ?? '');
      const expected = options.expectedHead;
      if (expected && (expected.revision !== end.revision || expected.hash !== end.hash)) {
        const detail = `the head is ${end.revision} (${end.hash}), expected ${expected.revision} (${expected.hash})`;
        return { ok: false, index: count, revision: end.revision + 1, reason: 'ends-early', detail };
      }
      return { ok: true, count, head: end };
    },
  };
}

function follow(
  stream: string,
  head: StreamHead | undefined,
  event: RawEvent,
): StreamHead | { reason: ChainBreak; detail: string } {
  if (event.stream !== stream)
    return { reason: 'other-stream', detail: `it belongs to ${event.stream}, not ${stream}` };
  if (head && event.revision !== head.revision + 1) {
    return { reason: 'not-contiguous', detail: `revision ${event.revision} follows ${head.revision}` };
  }
  const stored = readStored(event);
  if ('problem' in stored) return { reason: 'bytes-changed', detail: stored.problem };
  const { prevHash, hash, recordedAt } = stored.metadata;
  if (head && prevHash !== head.hash) {
    return {
      reason: 'previous-hash-differs',
      detail: `it names ${String(prevHash)}, the previous event is ${head.hash}`,
    };
  }
  const computed = hashCanonical({
    ...event,
    dataJson: stored.dataJson,
    metadataJson: hashedMetadataJson(stored.metadata),
  });
  if (computed !== hash)
    return { reason: 'hash-differs', detail: `it names ${String(hash)}, its content gives ${computed}` };
  const id = eventIdOf(computed);
  if (event.id !== id) return { reason: 'id-differs', detail: `its id is ${event.id}, its hash gives ${id}` };
  if (typeof recordedAt !== 'string' || (head && recordedAt < head.recordedAt)) {
    return { reason: 'recorded-before-previous', detail: `${String(recordedAt)} is before ${head?.recordedAt}` };
  }
  return { revision: event.revision, hash: computed, recordedAt };
}

type Stored = { readonly dataJson: string; readonly metadata: Record<string, unknown> };

function readStored(event: RawEvent): Stored | { problem: string } {
  if (!event.isJson) return { problem: 'it is no longer marked as JSON' };
  const data = canonicalText(event.rawData);
  if (data === undefined) return { problem: 'data is not the canonical JSON that was written' };
  const metadata = canonicalText(event.rawMetadata);
  if (metadata === undefined) return { problem: 'metadata is not the canonical JSON that was written' };
  const parsed: unknown = JSON.parse(metadata);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return { problem: 'metadata is no object' };
  return { dataJson: data, metadata: parsed as Record<string, unknown> }; // checked in the line above
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of the bytes if they are RFC 8785 JSON, byte for byte. */
function canonicalText(bytes: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(bytes);
    return canonicalJson(JSON.parse(text)) === text ? text : undefined;
  } catch {
    return undefined; // not UTF-8, not JSON, or not writable as canonical JSON: in each case not what was written
  }
}
