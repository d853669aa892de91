/**
 * The client's own generated classes, used for every message that is not hot. They are CommonJS, whose names Node
 * cannot see one by one. Its service definitions are left alone: they load grpc-js, which doubles the start-up time.
 */
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import serverFeatures from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';

export { gossip, serverFeatures, shared, streams };
