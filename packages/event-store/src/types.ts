/**
 * What the rest of Perennial sees of the event store. Nothing here names an aggregate: event definitions are passed in.
 *
 * @module
 */
import type { z } from 'zod';
import type { RawEvent } from './raw-event.ts';

/** An instant in UTC with milliseconds, `2027-06-01T00:00:00.000Z`. Instants compare as strings. */
export type Instant = string;

/** Who caused an event. For people `id` is the random person id of the vault, never a name or an address. */
export type Actor = {
  readonly type: 'user' | 'partner' | 'support' | 'provider' | 'system' | 'anonymous';
  readonly id: string;
  readonly roles: readonly string[];
};

/** The envelope as it is stored in EventStoreDB's event metadata. */
export type EventMetadata = {
  /** Version of the event type's schema in which `data` was written. */
  readonly schemaVersion: number;
  /** Valid time: since when the fact holds. */
  readonly effectiveAt: Instant;
  /** System time: when it was written; never before the previous event's. */
  readonly recordedAt: Instant;
  readonly actor: Actor;
  readonly commandId: string;
  readonly $correlationId: string;
  readonly $causationId: string;
  readonly tenant?: string;
  /** `profile@version` of the policy that decided the event. */
  readonly policy?: string;
  /** Version of the catalogue that the event's plan refers to. */
  readonly catalogue?: string;
  readonly tzdata?: string;
  readonly reason?: string;
  /** Fingerprint of the command's content, on the first event of a decision, so that a reused id is recognised. */
  readonly commandHash?: string;
  /** Hash of the previous event of the stream; of the stream's name for the first one. Hex SHA-256. */
  readonly prevHash: string;
  /** Hash over this event in its stored form (RFC 8785 JSON), all of it but `hash` and `traceparent`. Hex SHA-256. */
  readonly hash: string;
  readonly traceparent?: string;
};

/** An event to append: the door adds the schema version and the hashes. */
export type NewEvent<Type extends string = string, Data = unknown> = {
  readonly type: Type;
  readonly data: Data;
  readonly metadata: Omit<EventMetadata, 'schemaVersion' | 'prevHash' | 'hash'>;
};

/** An event as read, already validated and upcast to the current schema version of its type. */
export type RecordedEvent<Type extends string = string, Data = unknown> = {
  readonly stream: string;
  readonly revision: number;
  /** Commit position in the log. Opaque: only its order means something. */
  readonly position: bigint;
  /** UUIDv5 of the event's hash. */
  readonly id: string;
  readonly type: Type;
  readonly data: Data;
  readonly metadata: EventMetadata;
};

/** An event that could not be decoded (unknown type or version, or data that its schema refuses): to be parked, never skipped. */
export type UndecodableEvent = {
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly id: string;
  readonly type: string;
  /** Stored bytes of data and metadata, untouched. */
  readonly rawData: Uint8Array;
  readonly rawMetadata: Uint8Array;
  readonly error: Error;
};

/** One event type: its current schema, and how each older version becomes the next one. */
export type EventDefinition<Type extends string = string, Schema extends z.ZodType = z.ZodType> = {
  readonly type: Type;
  /** Current version, from 1. */
  readonly schemaVersion: number;
  readonly schema: Schema;
  /** `upcasters[n]` turns data of version n+1 into version n+2; there are `schemaVersion - 1` of them. Pure. */
  readonly upcasters?: readonly ((data: unknown, metadata: EventMetadata) => unknown)[];
};

/** Where a stream ends: what an append expects and chains to. */
export type StreamHead = {
  /** Revision of the last event, -1 when the stream does not exist. */
  readonly revision: number;
  /** Hash of the last event; of the stream's name when there is none. */
  readonly hash: string;
  /** `recordedAt` of the last event, empty when there is none. */
  readonly recordedAt: Instant;
};

export type AppendOutcome =
  | {
      readonly kind: 'appended';
      readonly head: StreamHead;
      readonly position: bigint;
      readonly events: readonly RecordedEvent[];
    }
  /** Somebody else appended first: read from `head.revision + 1` and decide again. */
  | { readonly kind: 'conflict'; readonly actualRevision: number };

export type ReadStreamOptions = {
  /** First revision to read, default 0. */
  readonly fromRevision?: number;
  readonly direction?: 'forwards' | 'backwards';
  readonly maxCount?: number;
};

/** Which part of the log to read. */
export type ReadAllOptions = {
  /** Exclusive; absent = from the beginning. */
  readonly after?: bigint;
  readonly maxCount?: number;
  /** Only streams whose names begin with one of these; absent = every stream but those beginning with `$`. */
  readonly streamPrefixes?: readonly string[];
};

export type SubscriptionItem =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'undecodable'; readonly event: UndecodableEvent }
  /** A stretch without matching events was passed. */
  | { readonly kind: 'checkpoint'; readonly position: bigint }
  /** All events stored when the subscription looked have been delivered. */
  | { readonly kind: 'caught-up' };

export type SubscribeOptions = {
  /** Exclusive: the position of the last event that was handled; absent = from the beginning. */
  readonly after?: bigint;
  /** Only streams whose names begin with one of these; absent = every stream but those beginning with `$`. */
  readonly streamPrefixes?: readonly string[];
  readonly signal: AbortSignal;
};

/** The one door to EventStoreDB. */
export type EventStore = {
  /**
   * Appends atomically at exactly `head` (never "any"). Resolves only when the events are stored, or with the conflict.
   * An outcome that stays unknown (time-out, broken connection) is settled by sending the identical bytes again.
   * @throws EventStoreUnavailableError after `appendAttemptCountMax` attempts; the caller may send the same again later.
   * @throws AppendTooLargeError, InvalidEventError (the data does not fit its schema, or is not JSON)
   */
  append(stream: string, head: StreamHead, events: readonly NewEvent[]): Promise<AppendOutcome>;
  /** Reads a stream; an absent stream yields nothing. Throws UndecodableEventError at an event it cannot decode. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<RecordedEvent>;
  /** The same, undecoded, with the stored bytes: for verification (`verifyChain`) and for showing what cannot be decoded. */
  readStreamRaw(stream: string, options?: ReadStreamOptions): AsyncIterable<RawEvent>;
  /** The head of a stream, `emptyHead(stream)` when absent. */
  readHead(stream: string): Promise<StreamHead>;
  /** Reads the whole log (every stream but `$…`), forwards from `after` (exclusive), up to the end at the time of the call. */
  readAll(options?: ReadAllOptions): AsyncIterable<Extract<SubscriptionItem, { kind: 'event' | 'undecodable' }>>;
  /** The same, undecoded, with the stored bytes: for verification and export. */
  readAllRaw(options?: ReadAllOptions): AsyncIterable<RawEvent>;
  /** Position of the last event of the log that is not in a `$…` stream; undefined while the log is empty. */
  lastPosition(): Promise<bigint | undefined>;
  /**
   * A catch-up subscription over the whole log that survives every error and every silence: it resumes after the last
   * item it yielded, for ever, until `signal` aborts. Not taking the next item is the backpressure.
   */
  subscribeToAll(options: SubscribeOptions): AsyncIterable<SubscriptionItem>;
  /** Keeps at most `maxCount` newest events of a stream (`$maxCount`), for bounded streams such as `attempts-…`. */
  limitStream(stream: string, maxCount: number): Promise<void>;
  /** Answers when the store accepts reads; throws EventStoreUnavailableError after `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
};
