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

const dayMs = 86_400_000;
/** Of the last event: writing a date costs as much as reading one field, and most events are of the day of the one before. */
const lastDay = { number: 0, text: '1970-01-01T' };

/** @param ticks of 100 ns since 1970, in decimal */
function instantOf(ticks: string): string {
  const ms = Number(ticks.slice(0, -4));
  const day = Math.floor(ms / dayMs);
  if (day !== lastDay.number) {
    lastDay.text = new Date(ms).toISOString().slice(0, -'00:00:00.000Z'.length);
    lastDay.number = day;
  }
  const rest = ms - day * dayMs;
  const [hour, minute, second] = [
    Math.floor(rest / 3_600_000),
    Math.floor(rest / 60_000) % 60,
    Math.floor(rest / 1000) % 60,
  ];
  return `${lastDay.text}${digits(hour, 2)}:${digits(minute, 2)}:${digits(second, 2)}.${digits(rest % 1000, 3)}Z`;
}

function digits(number: number, count: number): string {
  return String(number).padStart(count, '0');
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

type Properties = { type: string; contentType: string; created: string };

/** The names of the properties as they are sent: making texts of them costs as much as making texts of their values. */
const propertyNames: readonly (readonly [keyof Properties, Uint8Array])[] = [
  ['type', Buffer.from('type')],
  ['contentType', Buffer.from('content-type')],
  ['created', Buffer.from('created')],
];

function readProperty(reader: Reader, properties: Properties): void {
  const end = endOfMessage(reader);
  let name: keyof Properties | undefined;
  let value = '';
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === tags.mapEntry.key) name = readPropertyName(reader);
    else if (tag === tags.mapEntry.value) value = reader.string();
    else reader.skipType(tag & 7);
  }
  if (name !== undefined) properties[name] = value;
}

function readPropertyName(reader: Reader): keyof Properties | undefined {
  const end = endOfMessage(reader);
  const start = reader.pos;
  reader.pos = end;
  for (const [name, bytes] of propertyNames) {
    if (bytes.length === end - start && isAt(reader.buf, start, bytes)) return name;
  }
  return undefined;
}

function isAt(bytes: Uint8Array, start: number, expected: Uint8Array): boolean {
  for (let index = 0; index < expected.length; index += 1) {
    if (bytes[start + index] !== expected[index]) return false;
  }
  return true;
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
