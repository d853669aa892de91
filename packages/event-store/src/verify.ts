import { emptyHead, eventIdOf, hashCanonical } from './chain.ts';
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
      const result = continueChain(stream, head, event);
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

/**
 * The head after one more event of a stream, or why it does not continue the chain: for checking many streams in one
 * reading of the log. Without a head, the event is trusted to be where a truncated stream begins.
 */
export function continueChain(
  stream: string,
  head: StreamHead | undefined,
  event: RawEvent,
): StreamHead | { readonly reason: ChainBreak; readonly detail: string } {
  if (event.stream !== stream)
    return { reason: 'other-stream', detail: `it belongs to ${event.stream}, not ${stream}` };
  if (head && event.revision !== head.revision + 1) {
    return { reason: 'not-contiguous', detail: `revision ${event.revision} follows ${head.revision}` };
  }
  const stored = readStored(event);
  if ('problem' in stored) return { reason: 'bytes-changed', detail: stored.problem };
  const { prevHash, hash, recordedAt } = stored.metadata;
  const computed = storedHash(event, stored);
  if (computed !== hash) {
    // Only now, to say what is wrong: bytes that give the right hash are the ones that were written.
    const problem = notCanonical(stored);
    if (problem) return { reason: 'bytes-changed', detail: problem };
    return { reason: 'hash-differs', detail: `it names ${String(hash)}, its content gives ${computed}` };
  }
  if (!inOrder(Object.keys(stored.metadata))) {
    return { reason: 'bytes-changed', detail: 'the members of metadata are not in canonical order' };
  }
  if (head && prevHash !== head.hash) {
    return {
      reason: 'previous-hash-differs',
      detail: `it names ${String(prevHash)}, the previous event is ${head.hash}`,
    };
  }
  const id = eventIdOf(computed);
  if (event.id !== id) return { reason: 'id-differs', detail: `its id is ${event.id}, its hash gives ${id}` };
  if (typeof recordedAt !== 'string' || (head && recordedAt < head.recordedAt)) {
    return { reason: 'recorded-before-previous', detail: `${String(recordedAt)} is before ${head?.recordedAt}` };
  }
  return { revision: event.revision, hash: computed, recordedAt };
}

type Stored = {
  readonly dataText: string;
  readonly metadataText: string;
  readonly metadata: Readonly<Record<string, unknown>>;
};

function readStored(event: RawEvent): Stored | { problem: string } {
  if (!event.isJson) return { problem: 'it is no longer marked as JSON' };
  const dataText = textOf(event.rawData);
  if (dataText === undefined) return { problem: 'data is not the canonical JSON that was written' };
  const metadataText = textOf(event.rawMetadata);
  const metadata = metadataText === undefined ? undefined : objectOf(metadataText);
  if (metadataText === undefined || !metadata) {
    return { problem: 'metadata is not the canonical JSON that was written' };
  }
  return { dataText, metadataText, metadata };
}

/**
 * The hash of the bytes as they are stored. What was sealed is canonical, so it is enough to leave out of the text the
 * two members that the hash does not cover: whatever else differs from what was sealed gives another hash. (Writing the
 * canonical JSON anew would cost three times as much.)
 */
function storedHash(event: RawEvent, { dataText, metadataText, metadata }: Stored): string {
  const metadataJson = without(without(metadataText, 'hash', metadata['hash']), 'traceparent', metadata['traceparent']);
  const { stream, revision, type } = event;
  return hashCanonical({ stream, revision, type, dataJson: dataText, metadataJson });
}

function without(objectText: string, key: string, value: unknown): string {
  if (typeof value !== 'string') return objectText;
  const member = `"${key}":${JSON.stringify(value)}`;
  // Neither is ever the first member: `$causationId` is before both.
  const at = objectText.indexOf(`,${member}`);
  return at < 0 ? objectText : objectText.slice(0, at) + objectText.slice(at + 1 + member.length);
}

function inOrder(keys: readonly string[]): boolean {
  return keys.every((key, index) => index === 0 || (keys[index - 1] ?? '') < key);
}

function notCanonical({ dataText, metadataText }: Stored): string | undefined {
  if (!isCanonical(dataText)) return 'data is not the canonical JSON that was written';
  return isCanonical(metadataText) ? undefined : 'metadata is not the canonical JSON that was written';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined; // not UTF-8: not what was written
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined; // checked in the line above
  } catch {
    return undefined; // not JSON: not what was written
  }
}

function isCanonical(text: string): boolean {
  try {
    return canonicalJson(JSON.parse(text)) === text;
  } catch {
    return false; // not JSON, or nothing that canonical JSON can carry
  }
}
