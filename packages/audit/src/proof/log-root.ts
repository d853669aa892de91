import type { RawEvent } from '@perennial/event-store';
import { inclusionProof, merkleRoot, rootFromProof, type ProofStep } from './merkle.ts';
import { hashOfLeaf, StreamHeads, type HeadLeaf } from './stream-heads.ts';

/** What is published of a log: the root over the heads of its streams at a position. */
export type LogRoot = {
  readonly logId: string;
  /** Position of the last event that it covers, as decimal text. */
  readonly position: string;
  /** System time of the newest event that it covers. */
  readonly until: string;
  readonly streamCount: number;
  readonly eventCount: number;
  /** Hex SHA-256 root of the RFC 9162 tree over `{hash, revision, stream}` of every stream, in the order of their names. */
  readonly root: string;
};

/** That a stream ended so at the position of a root. */
export type InclusionProof = {
  readonly head: HeadLeaf;
  readonly index: number;
  readonly steps: readonly ProofStep[];
  readonly root: LogRoot;
};

/** The heads of all streams at a position. */
export type HeadsAt = { readonly root: LogRoot; readonly leaves: readonly HeadLeaf[]; readonly heads: StreamHeads };

/** Settings of one reading of the log. */
export type HeadsOptions = { readonly logId: string; readonly streamCountMax: number };

/** No event is at, or before, the position. */
export class EmptyLogError extends Error {
  override readonly name = 'EmptyLogError';
  readonly code = 'LOG_EMPTY';
  constructor() {
    super('There is no event up to this position, so there is nothing to prove: name a later position.');
  }
}

/**
 * Reads the log and answers where every stream ended at some positions, and at the end. Chains are checked on the way; see
 * `end.heads.broken`. A position after the end is left out.
 * @throws EmptyLogError, TooManyStreamsError
 */
export async function headsAtEach(
  events: AsyncIterable<RawEvent>,
  options: HeadsOptions & { readonly positions: readonly bigint[] },
): Promise<{ readonly earlier: readonly HeadsAt[]; readonly end: HeadsAt }> {
  const heads = new StreamHeads(options);
  const waiting = [...options.positions].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const earlier: HeadsAt[] = [];
  let last: RawEvent | undefined;
  let until = '';
  const here = (position: bigint): HeadsAt => rootOf(heads, { logId: options.logId, position, until });
  for await (const event of events) {
    // oxlint-disable-next-line no-unmodified-loop-condition -- only whether there is one
    for (let next = waiting[0]; last && next !== undefined && next < event.position; next = waiting[0]) {
      earlier.push(here(last.position));
      waiting.shift();
    }
    heads.add(event);
    last = event;
    until = laterOf(until, heads.headOf(event.stream)?.recordedAt ?? '');
  }
  if (!last) throw new EmptyLogError();
  return { earlier, end: here(last.position) };
}

/**
 * Where every stream ends now.
 * @throws EmptyLogError, TooManyStreamsError
 */
export async function headsAtEnd(events: AsyncIterable<RawEvent>, options: HeadsOptions): Promise<HeadsAt> {
  return (await headsAtEach(events, { ...options, positions: [] })).end;
}

/** The root over the heads as they are now. */
export function rootOf(
  heads: StreamHeads,
  { logId, position, until }: { readonly logId: string; readonly position: bigint; readonly until: string },
): HeadsAt {
  const leaves = heads.leaves();
  const root = merkleRoot(leaves.map(hashOfLeaf));
  const { eventCount } = heads;
  return {
    leaves,
    heads,
    root: { logId, position: String(position), until, streamCount: leaves.length, eventCount, root },
  };
}

/** The proof that a root covers a stream; undefined when it does not. */
export function proveInclusion({ leaves, root }: HeadsAt, stream: string): InclusionProof | undefined {
  const index = leaves.findIndex((leaf) => leaf.stream === stream);
  const head = leaves[index];
  return head && { head, index, steps: inclusionProof(leaves.map(hashOfLeaf), index), root };
}

/** Whether the proof leads from its head to its root. */
export function holdsInclusion({ head, steps, root }: InclusionProof): boolean {
  return rootFromProof(hashOfLeaf(head), steps) === root.root;
}

function laterOf(a: string, b: string): string {
  return a < b ? b : a;
}
