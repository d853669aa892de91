import uuids from '@eventstore/db-client/dist/utils/grpcUUID.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { RawEvent } from '../raw-event.ts';

type ReadResponse = InstanceType<typeof streams.ReadResp>;
type WireEvent = NonNullable<ReturnType<NonNullable<ReturnType<ReadResponse['getEvent']>>['getEvent']>>;

/** What a server sends on a read. */
export type ReadReply =
  | { readonly kind: 'event'; readonly event: RawEvent }
  | { readonly kind: 'checkpoint'; readonly position: bigint }
  | { readonly kind: 'caught-up' }
  | { readonly kind: 'absent' }
  /** Confirmations and whatever newer servers add. */
  | { readonly kind: 'other' };

/** Reads one message, leaving the event's bytes as they are. */
export function readReply(message: ReadResponse): ReadReply {
  if (message.hasEvent()) {
    const recorded = message.getEvent()?.getEvent();
    return recorded ? { kind: 'event', event: rawEvent(recorded) } : { kind: 'other' };
  }
  if (message.hasCheckpoint()) {
    return { kind: 'checkpoint', position: BigInt(message.getCheckpoint()?.getCommitPosition() ?? 0) };
  }
  if (message.hasCaughtUp()) return { kind: 'caught-up' };
  if (message.hasStreamNotFound()) return { kind: 'absent' };
  return { kind: 'other' };
}

const TICKS_PER_MILLISECOND = 10_000n;

function rawEvent(recorded: WireEvent): RawEvent {
  const properties = recorded.getMetadataMap();
  const created = Number(BigInt(properties.get('created') ?? 0) / TICKS_PER_MILLISECOND);
  return {
    stream: Buffer.from(recorded.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8'),
    revision: Number(recorded.getStreamRevision()),
    position: BigInt(recorded.getCommitPosition()),
    id: uuids.parseUUID(recorded.getId()) ?? '',
    type: properties.get('type') ?? '',
    created: new Date(created).toISOString(),
    isJson: properties.get('content-type') === 'application/json',
    rawData: recorded.getData_asU8(),
    rawMetadata: recorded.getCustomMetadata_asU8(),
  };
}
