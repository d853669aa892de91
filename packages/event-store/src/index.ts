export type * from './types.ts';
export * from './errors.ts';
export { emptyHead, eventIdOf, hashEvent, EVENT_ID_NAMESPACE, type HashedEvent } from './chain.ts';
export { canonicalJson } from './json.ts';
export { decodeData, decodeEvent, type DecodedEvent } from './decode.ts';
export { createEventRegistry, type EventRegistry } from './registry.ts';
export type { RawEvent } from './raw-event.ts';
export { sealEvents, type SealedAppend, type SealedEvent } from './seal.ts';
export * from './verify.ts';
export { classifyFailure, type FailureClass } from './failure-class.ts';
export { openEventStore } from './open.ts';
export {
  defaultBounds,
  type EventStoreBounds,
  type EventStoreLogger,
  type EventStoreMetric,
  type EventStoreOptions,
} from './options.ts';
