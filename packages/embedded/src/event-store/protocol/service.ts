import type { EventLog } from '../store/event-log.ts';
import { appendHandler } from './append.ts';
import { batchAppendHandler, type BatchLimits } from './batch-append.ts';
import type { Handler } from './call.ts';
import { deleteHandler, tombstoneHandler } from './delete.ts';
import { gossipHandler, supportedMethodsHandler, type NodeDescription } from './describe.ts';
import { readHandler } from './read.ts';

/** The methods served, by the path a call names. */
export type Service = ReadonlyMap<string, Handler>;

/** The paths of the methods, as the client's service definitions name them. */
export const PATHS = {
  read: '/event_store.client.streams.Streams/Read',
  append: '/event_store.client.streams.Streams/Append',
  batchAppend: '/event_store.client.streams.Streams/BatchAppend',
  delete: '/event_store.client.streams.Streams/Delete',
  tombstone: '/event_store.client.streams.Streams/Tombstone',
  getSupportedMethods: '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
  gossip: '/event_store.client.gossip.Gossip/Read',
} as const;

/** Puts the handlers of one log together; any transport can serve them. */
export function eventStoreService(log: EventLog, limits: BatchLimits, node: () => NodeDescription): Service {
  return new Map([
    [PATHS.read, readHandler(log)],
    [PATHS.append, appendHandler(log, limits.appendBytesMax)],
    [PATHS.batchAppend, batchAppendHandler(log, limits)],
    [PATHS.delete, deleteHandler(log)],
    [PATHS.tombstone, tombstoneHandler(log)],
    [PATHS.getSupportedMethods, supportedMethodsHandler()],
    [PATHS.gossip, gossipHandler(node, () => log.now())],
  ]);
}
