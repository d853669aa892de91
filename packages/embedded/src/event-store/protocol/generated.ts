/**
 * The client's own generated classes, used for every message that is not hot. They are required, not imported: an import
 * of CommonJS searches the whole file for names first, which takes longer than running it. Its service definitions are
 * left alone: they load grpc-js, which doubles the start-up time.
 */
import { createRequire } from 'node:module';
import type gossipModule from '@eventstore/db-client/generated/gossip_pb.js';
import type serverFeaturesModule from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type sharedModule from '@eventstore/db-client/generated/shared_pb.js';
import type streamsModule from '@eventstore/db-client/generated/streams_pb.js';

const require = createRequire(import.meta.url);

// `require` answers anything; these are the modules whose types stand beside them.
export const gossip = require('@eventstore/db-client/generated/gossip_pb.js') as typeof gossipModule;
export const serverFeatures =
  require('@eventstore/db-client/generated/serverfeatures_pb.js') as typeof serverFeaturesModule;
export const shared = require('@eventstore/db-client/generated/shared_pb.js') as typeof sharedModule;
export const streams = require('@eventstore/db-client/generated/streams_pb.js') as typeof streamsModule;
