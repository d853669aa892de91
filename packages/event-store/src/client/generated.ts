/**
 * The client's own generated classes. They are required, not imported: an import of CommonJS searches the whole file for
 * names first, which takes longer than running it.
 */
import { createRequire } from 'node:module';
import type sharedModule from '@eventstore/db-client/generated/shared_pb.js';
import type streamsRpcModule from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type streamsModule from '@eventstore/db-client/generated/streams_pb.js';

const require = createRequire(import.meta.url);

// `require` answers anything; these are the modules whose types stand beside them.
export const shared = require('@eventstore/db-client/generated/shared_pb.js') as typeof sharedModule;
export const streams = require('@eventstore/db-client/generated/streams_pb.js') as typeof streamsModule;
export const streamsRpc = require('@eventstore/db-client/generated/streams_grpc_pb.js') as typeof streamsRpcModule;
