import type { Duplex, Readable } from 'node:stream';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { EventStoreIncompatibleError } from '../errors.ts';
import { streamsRpc } from './generated.ts';

/** The streams service of the client's generated code, on whatever connection the client currently holds. */
export type StreamsClient = InstanceType<typeof streamsRpc.StreamsClient>;

/** Arguments of one call: headers (connection name, credentials, leader) and gRPC options. */
type CallArguments = Required<Parameters<StreamsClient['batchAppend']>>;

/**
 * The part of the client that its subclasses build on (`protected` there): finding a node, connecting, credentials,
 * following the leader and reconnecting. Its `appendToStream` and `readStream` are not used: see docs/event-store.md.
 */
type ClientFoundation = {
  GRPCStreamCreator<Stream extends Readable | Duplex>(
    service: typeof streamsRpc.StreamsClient,
    name: string,
    create: (client: StreamsClient) => Stream,
  ): () => Promise<Stream>;
  callArguments(options: { requiresLeader: boolean }, call: { deadline: number }): CallArguments;
};

/**
 * Opens a call on the client's connection. The client watches its end: on "unavailable", "cancelled" or "not leader" it
 * drops the connection, so that the next call makes a new one.
 */
export async function openCall<Stream extends Readable | Duplex>(
  client: EventStoreDBClient,
  name: string,
  create: (client: StreamsClient, ...args: CallArguments) => Stream,
): Promise<Stream> {
  const foundation = foundationOf(client);
  // Reads too ask for the leader: a follower may be behind, and "nothing there" must be true.
  const args = foundation.callArguments({ requiresLeader: true }, { deadline: Infinity });
  return await foundation.GRPCStreamCreator(streamsRpc.StreamsClient, name, (service) => {
    const stream = create(service, ...args);
    stream.on('error', () => {}); // whoever uses the stream listens too; a late error must not end the process
    return stream;
  })();
}

function foundationOf(client: EventStoreDBClient): ClientFoundation {
  // The members are `protected`, hence the cast; the version is pinned and the line below checks that they are there.
  const foundation = client as unknown as ClientFoundation;
  if (typeof foundation.GRPCStreamCreator !== 'function' || typeof foundation.callArguments !== 'function') {
    throw new EventStoreIncompatibleError('the installed @eventstore/db-client has no GRPCStreamCreator');
  }
  return foundation;
}
