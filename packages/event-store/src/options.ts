import type { EventDefinition } from './types.ts';

/** What the door writes to; `pino` fits. */
export type EventStoreLogger = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** What the door counts, one call per happening; keep it fast and never throw. */
export type EventStoreMetric =
  | {
      readonly kind: 'append';
      readonly result: 'appended' | 'conflict' | 'failed';
      readonly durationMs: number;
      readonly attempts: number;
      readonly eventCount: number;
    }
  /** An append whose outcome was unknown is sent again. */
  | { readonly kind: 'append-resent' }
  /** An answer came for an append that was no longer waited for. */
  | { readonly kind: 'late-reply' }
  | { readonly kind: 'read-resumed' }
  | { readonly kind: 'subscription-resumed'; readonly because: 'ended' | 'error' | 'silent' }
  /** The client stopped working and was thrown away for a new one. */
  | { readonly kind: 'client-replaced' }
  | { readonly kind: 'undecodable' };

/** Bounds of the door. Every one has a default (docs/event-store.md says how they were chosen). */
export type EventStoreBounds = {
  /** How long one attempt of an append may take before its outcome counts as unknown. */
  readonly appendTimeoutMs: number;
  readonly appendAttemptCountMax: number;
  readonly appendsInFlightMax: number;
  /** Callers that may wait for one of those places; one more is refused with EventStoreOverloadedError. */
  readonly appendsWaitingMax: number;
  /** Sum over the events of one append: data, metadata and twice the length of the type. */
  readonly appendSizeMaxBytes: number;
  /** Silence in the middle of a read that counts as a broken connection. */
  readonly readSilenceMs: number;
  /** How long a read may make no progress, over all its attempts. */
  readonly readUnavailableMs: number;
  /** Silence of a subscription after which it is compared with the head of the log. */
  readonly idleWatchdogMs: number;
  /** Pauses between attempts: doubled from the first to the last, each drawn from its upper half. */
  readonly backoffFirstMs: number;
  readonly backoffLastMs: number;
  /** How long attempts may fail without any answer before the client is replaced, and the time between two replacements. */
  readonly unansweredBeforeReplacingMs: number;
  /** How long opening waits for the first answer. */
  readonly openTimeoutMs: number;
  /** How long closing waits for appends that are under way. */
  readonly closeDrainMs: number;
};

/** How to open the store. */
export type EventStoreOptions = Partial<EventStoreBounds> & {
  /** `esdb://…` or `esdb+discover://…`; credentials belong in it. */
  readonly url: string;
  readonly definitions: readonly EventDefinition[];
  readonly logger?: EventStoreLogger;
  readonly onMetric?: (metric: EventStoreMetric) => void;
};

/** The bounds used where an option is left out. */
export const defaultBounds: EventStoreBounds = {
  appendTimeoutMs: 5_000,
  appendAttemptCountMax: 10,
  appendsInFlightMax: 256,
  appendsWaitingMax: 8_192,
  appendSizeMaxBytes: 1_048_576,
  readSilenceMs: 5_000,
  readUnavailableMs: 20_000,
  idleWatchdogMs: 30_000,
  backoffFirstMs: 50,
  backoffLastMs: 2_000,
  unansweredBeforeReplacingMs: 5_000,
  openTimeoutMs: 20_000,
  closeDrainMs: 5_000,
};

/** What every part of the door is given. */
export type DoorContext = {
  readonly bounds: EventStoreBounds;
  readonly logger: EventStoreLogger;
  readonly onMetric: (metric: EventStoreMetric) => void;
};

const silent: EventStoreLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** Fills in the defaults; an option that is present but undefined counts as left out. */
export function contextOf({
  url: _url,
  definitions: _definitions,
  logger,
  onMetric,
  ...bounds
}: EventStoreOptions): DoorContext {
  const given = Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined));
  return { bounds: { ...defaultBounds, ...given }, logger: logger ?? silent, onMetric: onMetric ?? (() => {}) };
}
