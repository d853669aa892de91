import type { Expectation } from '../engine/expected-revision.ts';
import { NO_EVENTS } from '../engine/revisions.ts';
import type { AppendTarget } from './append-messages.ts';
import { Status, type StatusCode } from './call.ts';
import { shared } from './generated.ts';
import { fieldSize, varintSize, WireWriter } from './wire.ts';

/** What every answer of a batch append repeats of the request. */
export interface BatchHeader {
  correlation: Buffer;
  target: AppendTarget;
}

/** Encodes the answer to a batch append that succeeded. */
export function encodeBatchSuccess(header: BatchHeader, revision: number, position: number | undefined): Buffer {
  const revisionBytes = revision === NO_EVENTS ? 2 : 1 + varintSize(revision);
  const positionBytes = position === undefined ? 2 : fieldSize(2 * (1 + varintSize(position)));
  const body = Buffer.allocUnsafe(revisionBytes + positionBytes);
  const writer = new WireWriter(body);
  if (revision === NO_EVENTS) writer.open(0x12, 0);
  else writer.numberField(0x08, revision);
  if (position === undefined) writer.open(0x22, 0);
  else {
    writer.open(0x1a, 2 * (1 + varintSize(position)));
    writer.numberField(0x08, position);
    writer.numberField(0x10, position);
  }
  return encodeAnswer(header, 0x1a, body);
}

/** Encodes the answer to a batch append that met another revision than expected. */
export function encodeBatchWrongExpectedVersion(header: BatchHeader, actual: number): Buffer {
  const { expectation } = header.target;
  const details = new shared.WrongExpectedVersion();
  if (actual === NO_EVENTS) details.setCurrentNoStream(new shared.Empty());
  else details.setCurrentStreamRevision(String(actual));
  if (expectation.kind === 'revision') details.setExpectedStreamPosition(String(expectation.revision));
  else if (expectation.kind === 'noStream') details.setExpectedNoStream(new shared.Empty());
  else if (expectation.kind === 'streamExists') details.setExpectedStreamExists(new shared.Empty());
  else details.setExpectedAny(new shared.Empty());
  const message = `Append failed due to WrongExpectedVersion. Stream: ${header.target.stream}.`;
  return encodeBatchError(header, Status.ALREADY_EXISTS, message, 'WrongExpectedVersion', details.serializeBinary());
}

/** Encodes the answer to a batch append to a tombstoned stream. */
export function encodeBatchStreamDeleted(header: BatchHeader): Buffer {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(header.target.stream).toString('base64'));
  const details = new shared.StreamDeleted();
  details.setStreamIdentifier(identifier);
  const message = `Event stream '${header.target.stream}' is deleted.`;
  return encodeBatchError(header, Status.NOT_FOUND, message, 'StreamDeleted', details.serializeBinary());
}

/** Encodes the answer to a batch append whose events together are too large. */
export function encodeBatchTooLarge(header: BatchHeader, bytesMax: number): Buffer {
  const details = new shared.MaximumAppendSizeExceeded();
  details.setMaxappendsize(bytesMax);
  const message = `Maximum Append Size of ${bytesMax} Exceeded.`;
  const value = details.serializeBinary();
  return encodeBatchError(header, Status.INVALID_ARGUMENT, message, 'MaximumAppendSizeExceeded', value);
}

/** Encodes the answer to a batch append that did not end in time. Its events may still be written. */
export function encodeBatchTimeout(header: BatchHeader): Buffer {
  return encodeBatchError(header, Status.DEADLINE_EXCEEDED, 'Timeout', 'Timeout', new Uint8Array(0));
}

/** Encodes the answer to a batch append that no valid client would send. */
export function encodeBatchBadRequest(header: BatchHeader, message: string): Buffer {
  const details = new shared.BadRequest();
  details.setMessage(message);
  return encodeBatchError(header, Status.INVALID_ARGUMENT, message, 'BadRequest', details.serializeBinary());
}

function encodeBatchError(
  header: BatchHeader,
  code: StatusCode,
  message: string,
  detailType: string,
  detail: Uint8Array,
): Buffer {
  const typeUrl = `type.googleapis.com/event_store.client.${detailType}`;
  const messageBytes = Buffer.byteLength(message);
  const anyBytes = fieldSize(typeUrl.length) + fieldSize(detail.length);
  // A google.rpc.Status; its codes are gRPC's.
  const writer = new WireWriter(Buffer.allocUnsafe(2 + fieldSize(messageBytes) + fieldSize(anyBytes)));
  writer.numberField(0x08, code);
  writer.textField(0x12, message, messageBytes);
  writer.open(0x1a, anyBytes);
  writer.textField(0x0a, typeUrl, typeUrl.length);
  writer.bytesField(0x12, detail);
  return encodeAnswer(header, 0x12, writer.bytes);
}

/** Correlation id, result, stream identifier and expectation, as in the request. */
function encodeAnswer({ correlation, target }: BatchHeader, resultTag: number, result: Uint8Array): Buffer {
  const { streamIdentifier, expectation } = target;
  const size =
    fieldSize(correlation.length) +
    fieldSize(result.length) +
    fieldSize(streamIdentifier.length) +
    (expectation.kind === 'revision' ? 11 : 2);
  const writer = new WireWriter(Buffer.allocUnsafe(size));
  writer.bytesField(0x0a, correlation);
  writer.bytesField(resultTag, result);
  writer.bytesField(0x22, streamIdentifier);
  if (expectation.kind === 'revision') writer.bigintField(0x28, expectation.revision);
  else writer.open(EXPECTATION_TAG[expectation.kind], 0);
  return writer.bytes.subarray(0, writer.at);
}

const EXPECTATION_TAG: Record<Exclude<Expectation['kind'], 'revision'>, number> = {
  noStream: 0x32,
  any: 0x3a,
  streamExists: 0x42,
};
