import { streamIdentifier } from './read-request.ts';
import { shared, streams } from './generated.ts';

/** An append in the protocol's terms; the bytes are sent as they are. */
export type WireAppend = {
  readonly stream: string;
  /** Exact revision of the last event, -1 for "no stream". There is no "any". */
  readonly expectedRevision: number;
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly rawData: Uint8Array;
    readonly rawMetadata: Uint8Array;
  }[];
};

/** Builds the one message of a batch append. At most 1 MiB, so that it never needs to be split. */
export function appendMessage(correlationId: string, append: WireAppend): InstanceType<typeof streams.BatchAppendReq> {
  const options = new streams.BatchAppendReq.Options();
  options.setStreamIdentifier(streamIdentifier(append.stream));
  if (append.expectedRevision < 0) options.setNoStream(new shared.Empty());
  else options.setStreamPosition(String(append.expectedRevision));
  // No deadline: it would be an instant of our clock, judged by the server's, and the server has a bound of its own.
  const message = new streams.BatchAppendReq();
  message.setCorrelationId(uuid(correlationId));
  message.setOptions(options);
  for (const event of append.events) {
    const proposed = new streams.BatchAppendReq.ProposedMessage();
    proposed.setId(uuid(event.id));
    proposed.getMetadataMap().set('type', event.type).set('content-type', 'application/json');
    proposed.setData(event.rawData);
    proposed.setCustomMetadata(event.rawMetadata);
    message.addProposedMessages(proposed);
  }
  message.setIsFinal(true);
  return message;
}

function uuid(text: string): InstanceType<typeof shared.UUID> {
  const id = new shared.UUID();
  id.setString(text);
  return id;
}
