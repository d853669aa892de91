import type { EventLog } from '../store/event-log.ts';
import { isLink, linkTarget } from '../store/reader.ts';
import { readResponseOf, recordedEventOf } from '../store/record.ts';
import { shared, streams } from './generated.ts';
import type { EventForm } from './read-request.ts';
import { fieldSize, varintSize, WireWriter } from './wire.ts';

/** The message that carries one stored event: in the usual form, the very bytes that are stored. */
export function encodeEvent(log: EventLog, position: number, value: Buffer, form: EventForm): Uint8Array {
  const link = form.resolveLinks && isLink(value);
  const bytes = link ? encodeResolved(position, value, linkTarget(log, value)) : readResponseOf(value);
  return form.structuredIds ? withStructuredIds(bytes) : bytes;
}

/** `link` is the event that was read, `event` the one it points to; the position is the link's. */
function encodeResolved(position: number, link: Buffer, target: Buffer | undefined): Buffer {
  const event = target && recordedEventOf(target);
  const linkEvent = recordedEventOf(link);
  const size = (event ? fieldSize(event.length) : 0) + fieldSize(linkEvent.length) + 1 + varintSize(position);
  const writer = new WireWriter(Buffer.allocUnsafe(fieldSize(size)));
  writer.open(0x0a, size);
  if (event) writer.bytesField(0x0a, event);
  writer.bytesField(0x12, linkEvent);
  writer.numberField(0x18, position);
  return writer.bytes;
}

/** Not for the client of this project, which asks for text; so the slow way is good enough. */
function withStructuredIds(bytes: Uint8Array): Uint8Array {
  const response = streams.ReadResp.deserializeBinary(bytes);
  const readEvent = response.getEvent();
  for (const recorded of [readEvent?.getEvent(), readEvent?.getLink()]) {
    const hex = recorded?.getId()?.getString().replaceAll('-', '');
    if (hex === undefined) continue;
    const structured = new shared.UUID.Structured();
    structured.setMostSignificantBits(BigInt.asIntN(64, BigInt(`0x${hex.slice(0, 16)}`)).toString());
    structured.setLeastSignificantBits(BigInt.asIntN(64, BigInt(`0x${hex.slice(16)}`)).toString());
    const id = new shared.UUID();
    id.setStructured(structured);
    recorded?.setId(id);
  }
  return response.serializeBinary();
}

/** The first message of every subscription. */
export function encodeConfirmation(subscriptionId: string): Uint8Array {
  const confirmation = new streams.ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId(subscriptionId);
  const response = new streams.ReadResp();
  response.setConfirmation(confirmation);
  return response.serializeBinary();
}

/** Tells a filtered subscriber how far the log was searched. */
export function encodeCheckpoint(position: number): Uint8Array {
  const checkpoint = new streams.ReadResp.Checkpoint();
  checkpoint.setCommitPosition(String(position));
  checkpoint.setPreparePosition(String(position));
  const response = new streams.ReadResp();
  response.setCheckpoint(checkpoint);
  return response.serializeBinary();
}

/** Tells a subscriber that it has everything there is. */
export function encodeCaughtUp(): Uint8Array {
  const response = new streams.ReadResp();
  response.setCaughtUp(new streams.ReadResp.CaughtUp());
  return response.serializeBinary();
}

/** Answers a read of a stream that holds nothing to read. */
export function encodeStreamNotFound(stream: string): Uint8Array {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream).toString('base64'));
  const notFound = new streams.ReadResp.StreamNotFound();
  notFound.setStreamIdentifier(identifier);
  const response = new streams.ReadResp();
  response.setStreamNotFound(notFound);
  return response.serializeBinary();
}
