import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import serverFeaturesService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PATHS } from './service.ts';

const test = suite('service');

test('every path is the one the client calls', () => {
  const { read, append, batchAppend, delete: remove, tombstone } = streamsService.StreamsService;
  assert.equal(PATHS, {
    read: read.path,
    append: append.path,
    batchAppend: batchAppend.path,
    delete: remove.path,
    tombstone: tombstone.path,
    getSupportedMethods: serverFeaturesService.ServerFeaturesService.getSupportedMethods.path,
    gossip: gossipService.GossipService.read.path,
  });
});

test.run();
