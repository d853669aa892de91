import protobuf from 'protobufjs/minimal.js';
import type { Expectation } from '../engine/expected-revision.ts';
import { faultOf, streamNameFault, type ProposedEvent } from '../engine/proposed-event.ts';
import { messageOf } from '../errors.ts';
import { invalidArgument, RpcError } from './call.ts';
import { readUint64 } from './wire.ts';

type Reader = protobuf.Reader;

const NO_BYTES = Buffer.alloc(0);

/** Number and wire type of the fields in `streams.proto` and `shared.proto`; a field of another wire type is unknown. */
const tags = {
  appendRequest: { options: 0x0a, message: 0x12 },
  batchRequest: { correlation: 0x0a, options: 0x12, message: 0x1a, isFinal: 0x20 },
  options: {
    stream: 0x0a,
    revision: 0x10,
    noStream: 0x1a,
    any: 0x22,
    streamExists: 0x2a,
    deadline: 0x32,
    timeout: 0x3a,
  },
  streamIdentifier: { name: 0x1a },
  duration: { seconds: 0x08, nanos: 0x10 },
  message: { id: 0x0a, metadata: 0x12, customMetadata: 0x1a, data: 0x22 },
  mapEntry: { key: 0x0a, value: 0x12 },
  uuid: { structured: 0x0a, text: 0x12 },
  structuredUuid: { high: 0x08, low: 0x10 },
} as const;

/** Where events go: a stream and what the writer expects of it. */
export interface AppendTarget {
  stream: string;
  /** The stream identifier as it came, to be echoed. */
  streamIdentifier: Buffer;
  expectation: Expectation;
}

/** A part of a batch append. Parts with one correlation id make one append; the first carries the target. */
export interface BatchPart {
  /** The UUID message as it came, to be echoed. */
  correlation: Buffer;
  target?: AppendTarget;
  /** When the writer stops waiting, ms since the epoch. */
  deadlineMs?: number;
  events: ProposedEvent[];
  isFinal: boolean;
  /** Why this part cannot be taken. */
  fault?: RpcError;
}

/**
 * Decodes `AppendReq`: either the target or one event.
 * @throws RpcError INVALID_ARGUMENT
 */
export function decodeAppendRequest(bytes: Buffer): { target?: AppendTarget; event?: ProposedEvent } {
  return refusingMalformed(() => {
    const reader = protobuf.Reader.create(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === tags.appendRequest.options) return { target: decodeTarget(messageIn(reader)).target };
      if (tag === tags.appendRequest.message) return { event: decodeEvent(messageIn(reader)) };
      reader.skipType(tag & 7);
    }
    return {};
  });
}

/**
 * Decodes `BatchAppendReq`.
 * @throws RpcError INVALID_ARGUMENT
 */
export function decodeBatchPart(bytes: Buffer, nowMs: number): BatchPart {
  return refusingMalformed(() => {
    const part: BatchPart = { correlation: NO_BYTES, events: [], isFinal: false };
    const { correlation, options, message, isFinal } = tags.batchRequest;
    const reader = protobuf.Reader.create(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === correlation) part.correlation = bytesIn(reader);
      else if (tag === options) refusingPart(part, () => Object.assign(part, decodeTarget(messageIn(reader), nowMs)));
      else if (tag === message) refusingPart(part, () => part.events.push(decodeEvent(messageIn(reader))));
      else if (tag === isFinal) part.isFinal = reader.bool();
      else reader.skipType(tag & 7);
    }
    return part;
  });
}

/** Bytes that end early, or that hold what is no field, are the client's fault. */
function refusingMalformed<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw error instanceof RpcError ? error : invalidArgument(`The message cannot be read: ${messageOf(error)}.`);
  }
}

/** One bad event fails its own append, not the whole stream of appends. */
function refusingPart(part: BatchPart, decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    part.fault ??= error;
  }
}

/** The options of both kinds of append: their first five fields mean the same. */
function decodeTarget(reader: Reader, nowMs = 0): { target: AppendTarget; deadlineMs?: number } {
  const target: AppendTarget = { stream: '', streamIdentifier: NO_BYTES, expectation: { kind: 'any' } };
  let deadlineMs: number | undefined;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === tags.options.stream) {
      target.streamIdentifier = bytesIn(reader);
      target.stream = decodeStreamName(target.streamIdentifier);
    } else if (tag === tags.options.revision) target.expectation = { kind: 'revision', revision: readUint64(reader) };
    else if (tag === tags.options.deadline) deadlineMs = decodeSeconds(messageIn(reader));
    else if (tag === tags.options.timeout) deadlineMs = nowMs + decodeSeconds(messageIn(reader));
    else {
      target.expectation = emptyExpectations[tag] ?? target.expectation;
      reader.skipType(tag & 7);
    }
  }
  const fault = streamNameFault(target.stream);
  if (fault !== undefined) throw invalidArgument(fault);
  return deadlineMs === undefined ? { target } : { target, deadlineMs };
}

/** Those that are said by the presence of an empty message. */
const emptyExpectations: Readonly<Record<number, Expectation>> = {
  [tags.options.noStream]: { kind: 'noStream' },
  [tags.options.any]: { kind: 'any' },
  [tags.options.streamExists]: { kind: 'streamExists' },
};

function decodeStreamName(identifier: Buffer): string {
  const reader = protobuf.Reader.create(identifier);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === tags.streamIdentifier.name) return reader.string();
    reader.skipType(tag & 7);
  }
  return '';
}

/** A timestamp or duration in milliseconds. */
function decodeSeconds(reader: Reader): number {
  let ms = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === tags.duration.seconds) ms += Number(BigInt.asIntN(64, readUint64(reader))) * 1000;
    else if (tag === tags.duration.nanos) ms += reader.int32() / 1_000_000;
    else reader.skipType(tag & 7);
  }
  return ms;
}

function decodeEvent(reader: Reader): ProposedEvent {
  let id = '';
  let type: string | undefined;
  let contentType: string | undefined;
  let customMetadata: Uint8Array = NO_BYTES;
  let data: Uint8Array = NO_BYTES;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === tags.message.id) id = decodeUuid(messageIn(reader));
    else if (tag === tags.message.metadata) {
      const [key, value] = decodeMapEntry(messageIn(reader));
      if (key === 'type') type = value;
      else if (key === 'content-type') contentType = value;
    } else if (tag === tags.message.customMetadata) customMetadata = bytesIn(reader);
    else if (tag === tags.message.data) data = bytesIn(reader);
    else reader.skipType(tag & 7);
  }
  if (type === undefined || contentType === undefined) throw missingMetadata();
  const event = { id, type, isJson: contentType === 'application/json', data, customMetadata };
  const fault = faultOf(event);
  if (fault !== undefined) throw invalidArgument(fault);
  return event;
}

function decodeMapEntry(reader: Reader): [string, string] {
  let key = '';
  let value = '';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === tags.mapEntry.key) key = reader.string();
    else if (tag === tags.mapEntry.value) value = reader.string();
    else reader.skipType(tag & 7);
  }
  return [key, value];
}

/** A UUID message, in its text or its structured form, as lower-case text. */
function decodeUuid(reader: Reader): string {
  let id = '';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === tags.uuid.structured) id = decodeStructuredUuid(messageIn(reader));
    else if (tag === tags.uuid.text) id = reader.string().toLowerCase();
    else reader.skipType(tag & 7);
  }
  return id;
}

function decodeStructuredUuid(reader: Reader): string {
  let high = 0n;
  let low = 0n;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === tags.structuredUuid.high) high = readUint64(reader);
    else if (tag === tags.structuredUuid.low) low = readUint64(reader);
    else reader.skipType(tag & 7);
  }
  const hex = ((high << 64n) | low).toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A message of its own has an end of its own, which no field inside can pass. */
function messageIn(reader: Reader): Reader {
  return protobuf.Reader.create(reader.bytes());
}

/** Not copied. */
function bytesIn(reader: Reader): Buffer {
  // What is read from a Buffer is one; the type allows for browsers.
  return reader.bytes() as Buffer;
}

function missingMetadata() {
  return invalidArgument('Required Metadata Property missing.', {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });
}
