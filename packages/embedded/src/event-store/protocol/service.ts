import type { EventLog } from '../store/event-log.ts';
import { appendHandler } from './append.ts';
import { batchAppendHandler, type BatchLimits } from './batch-append.ts';
import type { Handler } from './call.ts';
import { deleteHandler, tombstoneHandler } from './delete.ts';
import { gossipHandler, supportedMethodsHandler, type NodeDescription } from './describe.ts';
import { gossipService, serverFeaturesService, streamsService } from './generated.ts';
import { readHandler } from './read.ts';

/** The methods served, by the path a call names. */
export type Service = ReadonlyMap<string, Handler>;

/** Puts the handlers of one log together; any transport can serve them. */
export function eventStoreService(log: EventLog, limits: BatchLimits, node: () => NodeDescription): Service {
  const { StreamsService } = streamsService;
  return new Map([
    [StreamsService.read.path, readHandler(log)],
    [StreamsService.append.path, appendHandler(log, limits.appendBytesMax)],
    [StreamsService.batchAppend.path, batchAppendHandler(log, limits)],
    [StreamsService.delete.path, deleteHandler(log)],
    [StreamsService.tombstone.path, tombstoneHandler(log)],
    [serverFeaturesService.ServerFeaturesService.getSupportedMethods.path, supportedMethodsHandler()],
    [gossipService.GossipService.read.path, gossipHandler(node, () => log.now())],
  ]);
}
