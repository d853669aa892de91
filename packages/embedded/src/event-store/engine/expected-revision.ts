import { NO_EVENTS } from './revisions.ts';

/** What a writer claims about the stream before its events. `revision` keeps the caller's exact 64-bit number. */
export type Expectation =
  | { kind: 'any' }
  | { kind: 'streamExists' }
  | { kind: 'noStream' }
  | { kind: 'revision'; revision: bigint };

/** What the rules need to know of a stream, writes that are not yet flushed included. */
export interface StreamFacts {
  /** Revision of the last event, -1 for none. */
  lastRevision: number;
  tombstoned: boolean;
  softDeleted: boolean;
  hasMetadata: boolean;
}

/** Where an event was written. */
export interface WrittenAt {
  revision: number;
  position: number;
}

/** How the rules look up earlier events. */
export interface EarlierEvents {
  /** A recently written event of this stream, by id. Bounded, so a miss proves nothing. */
  recent(id: string): WrittenAt | undefined;
  /** The id and position of the stored event at a revision of this stream. */
  at(revision: number): { id: string; position: number } | undefined;
}

/** The verdict on a write. `undelete`: the stream was soft-deleted and this write revives it. */
export type Decision =
  | { kind: 'write'; undelete: boolean }
  | ({ kind: 'alreadyWritten' } & WrittenAt)
  | { kind: 'wrongExpectedVersion' }
  | { kind: 'streamDeleted' };

const WRONG: Decision = { kind: 'wrongExpectedVersion' };

/**
 * Decides a write by the rules of expected revision and idempotency that the server's clients rely on.
 * Events are matched on id, stream and revision only; type and data are not compared.
 */
export function decideWrite(
  expectation: Expectation,
  ids: readonly string[],
  stream: StreamFacts,
  earlier: EarlierEvents,
): Decision {
  if (stream.tombstoned) return { kind: 'streamDeleted' };
  const write: Decision = { kind: 'write', undelete: stream.softDeleted };

  if (expectation.kind === 'streamExists') {
    if (stream.softDeleted) return { kind: 'streamDeleted' };
    if (stream.lastRevision === NO_EVENTS && !stream.hasMetadata) return WRONG;
  }
  if (expectation.kind === 'any' || expectation.kind === 'streamExists') return matchRecent(ids, earlier, write);

  const expected = expectedRevisionOf(expectation);
  if (expected === stream.lastRevision) return write;
  if (expected > stream.lastRevision) return WRONG;
  return matchStored(expectation, expected, ids, stream, earlier);
}

/** The revision an explicit expectation names, as a number; beyond 2^53 it is larger than any real revision. */
export function expectedRevisionOf(expectation: Extract<Expectation, { kind: 'noStream' | 'revision' }>): number {
  return expectation.kind === 'noStream' ? NO_EVENTS : Number(expectation.revision);
}

/** Weak idempotency: known as long as the bounded memory of recent ids goes. */
function matchRecent(ids: readonly string[], earlier: EarlierEvents, write: Decision): Decision {
  let last: WrittenAt | undefined;
  for (const id of ids) {
    const written = earlier.recent(id);
    if (!written) return last ? WRONG : write;
    last = written;
  }
  return last ? { kind: 'alreadyWritten', ...last } : write;
}

/** Strong idempotency: the events after the expected revision are compared one by one. */
function matchStored(
  expectation: Expectation,
  expected: number,
  ids: readonly string[],
  stream: StreamFacts,
  earlier: EarlierEvents,
): Decision {
  let last: WrittenAt | undefined;
  let revision = expected;
  for (const id of ids) {
    revision += 1;
    const stored = earlier.at(revision);
    if (stored?.id !== id) {
      const revives = last === undefined && expectation.kind === 'noStream' && stream.softDeleted;
      return revives ? { kind: 'write', undelete: true } : WRONG;
    }
    last = { revision, position: stored.position };
  }
  return last ? { kind: 'alreadyWritten', ...last } : WRONG;
}
