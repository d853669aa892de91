export * from './event-message/index.ts';
export { BrokerError, type BrokerErrorCode } from './errors/broker-error.ts';
export * from './errors/questions.ts';
export type { Broker, BrokerStatus } from './connection/broker.ts';
export { minimumServerVersion, type BrokerCapabilities } from './connection/capabilities.ts';
export { connectBroker, type ConnectBrokerOptions } from './connection/connect-broker.ts';
export { decodePart, encodePart } from './naming/encode-part.ts';
export { partitionCount, partitionOf } from './naming/partition.ts';
export {
  eventSubject,
  parkedSubject,
  parseViewKey,
  partitionFilter,
  paymentSubject,
  streams,
  subjectFilters,
  viewKey,
  viewsBucketName,
  type StreamName,
  type ViewKey,
} from './naming/subjects.ts';
export { type TopologyDifference } from './topology/compare.ts';
export { ensureTopology, type EnsureTopologyOptions, type TopologyReport } from './topology/ensure-topology.ts';
export { TopologyMismatchError } from './topology/topology-mismatch.ts';
export { ackFloorOf } from './durability/ack-floor.ts';
export { durabilityWarnings, type DurabilityFacts } from './durability/durability-warnings.ts';
export { readSyncAlways } from './durability/read-sync-always.ts';
export { purgeAcked, type PurgeAckedOptions, type PurgeReport } from './durability/purge-acked.ts';
export { FenceBrokenError, type FenceBreak } from './publishing/fence-broken.ts';
export {
  createFencedPublisher,
  type FencedMessage,
  type FencedPublisher,
  type FencedPublisherOptions,
} from './publishing/fenced-publisher.ts';
export { lastMessage, storedMessage, type StoredMessage, type StreamEnd } from './publishing/last-message.ts';
