import uuids from '@eventstore/db-client/dist/utils/grpcUUID.js';
import protobuf from 'protobufjs/minimal.js';
import type { RawEvent } from '../raw-event.ts';
import { shared } from './generated.ts';

/** The event that a reply carries; nothing inside for a link whose target is gone. */
export type EventOfReply = { readonly event: RawEvent | undefined };

type Reader = protobuf.Reader;

/**
 * Tags (number and wire type of a field) of the messages on the way from `ReadResp` to an event, as in `streams.proto` and
 * `shared.proto` of the protocol.
 */
const tags = {
  response: { event: 0x0a },
  readEvent: { event: 0x0a },
  recorded: {
    id: 0x0a,
    stream: 0x12,
    revision: 0x18,
    commitPosition: 0x28,
    property: 0x32,
    customMetadata: 0x3a,
    data: 0x42,
  },
  streamIdentifier: { name: 0x1a },
  mapEntry: { key: 0x0a, value: 0x12 },
  uuid: { text: 0x12 },
} as const;

/**
 * Reads a `ReadResp` that carries an event. Every other kind is left to the client's generated classes, which take several
 * times as long as everything else that happens to an event on its way through the door. The event's bytes are not copied.
 * @returns nothing when it is of another kind.
 * @throws Error for bytes that are no such message.
 */
export function readRecordedEvent(bytes: Uint8Array): EventOfReply | undefined {
  const reader = protobuf.Reader.create(bytes);
  let found: EventOfReply | undefined;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === tags.response.event) found = { event: readReadEvent(reader) };
    else reader.skipType(tag & 7);
  }
  return found;
}

function readReadEvent(reader: Reader): RawEvent | undefined {
  const end = endOfMessage(reader);
  let event: RawEvent | undefined;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === tags.readEvent.event) event = readEvent(reader);
    else reader.skipType(tag & 7);
  }
  return event;
}

const nothing: Uint8Array = new Uint8Array(0);

function readEvent(reader: Reader): RawEvent {
  const end = endOfMessage(reader);
  const properties = { type: '', contentType: '', created: '' };
  let stream = '';
  let id = '';
  let revision = 0;
  let position = 0n;
  let rawData = nothing;
  let rawMetadata = nothing;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === tags.recorded.id) id = readUuid(reader);
    else if (tag === tags.recorded.stream) stream = readStreamName(reader);
    else if (tag === tags.recorded.revision) revision = Number(readUint64(reader));
    else if (tag === tags.recorded.commitPosition) position = readUint64(reader);
    else if (tag === tags.recorded.property) readProperty(reader, properties);
    else if (tag === tags.recorded.customMetadata) rawMetadata = reader.bytes();
    else if (tag === tags.recorded.data) rawData = reader.bytes();
    else reader.skipType(tag & 7);
  }
  const { type, contentType } = properties;
  const created = instantOf(properties.created);
  const isJson = contentType === 'application/json';
  return { stream, revision, position, id, type, created, isJson, rawData, rawMetadata };
}

/** Events that were appended together were created in one millisecond, and writing an instant costs as much as reading one field. */
const lastInstant = { ms: '0', text: new Date(0).toISOString() };

/** @param ticks of 100 ns since 1970, in decimal */
function instantOf(ticks: string): string {
  const ms = ticks.slice(0, -4) || '0';
  if (ms !== lastInstant.ms) {
    lastInstant.text = new Date(Number(ms)).toISOString();
    lastInstant.ms = ms;
  }
  return lastInstant.text;
}

/** Ids come as text, as every request of ours asks; an old server may still send numbers. */
function readUuid(reader: Reader): string {
  const bytes = reader.bytes();
  const inside = protobuf.Reader.create(bytes);
  const isText = bytes.length > 0 && inside.uint32() === tags.uuid.text;
  return (isText ? inside.string() : uuids.parseUUID(shared.UUID.deserializeBinary(bytes))) ?? '';
}

function readStreamName(reader: Reader): string {
  const end = endOfMessage(reader);
  let name = '';
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === tags.streamIdentifier.name) name = reader.string();
    else reader.skipType(tag & 7);
  }
  return name;
}

function readProperty(reader: Reader, properties: { type: string; contentType: string; created: string }): void {
  const end = endOfMessage(reader);
  let [key, value] = ['', ''];
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === tags.mapEntry.key) key = reader.string();
    else if (tag === tags.mapEntry.value) value = reader.string();
    else reader.skipType(tag & 7);
  }
  if (key === 'type') properties.type = value;
  else if (key === 'content-type') properties.contentType = value;
  else if (key === 'created') properties.created = value;
}

function readUint64(reader: Reader): bigint {
  const value = reader.uint64();
  // `Long` where its package is installed, which protobufjs depends on; the type allows for browsers without it.
  if (typeof value === 'number') return BigInt(value);
  const low = BigInt(value.low >>> 0);
  return value.high === 0 ? low : (BigInt(value.high >>> 0) << 32n) | low;
}

function endOfMessage(reader: Reader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError(`a message of ${length} bytes ends after the bytes that were received`);
  return end;
}
