import protobuf from 'protobufjs/minimal.js';
import { TOMBSTONE_REVISION, TOMBSTONE_REVISION_WIRE } from '../engine/revisions.ts';
import { fieldSize, varintSize, WireWriter } from '../protocol/wire.ts';

/**
 * The storage format of one event: a fixed header, then the ready-encoded `ReadResp` message that every reader of the
 * event is sent. A read therefore copies bytes and encodes nothing.
 *
 * Header (little endian): 0 u8 format · 1 u8 flags · 2 u16 offset of the RecordedEvent · 4 u16 offset, 6 u16 length of
 * the stream's name · 8 u16 offset, 10 u16 length of the type · 12 u32 length of the RecordedEvent · 16 f64 created,
 * ms since the epoch · 24 f64 revision. Offsets count from the start of the value.
 */
const HEADER_BYTES = 32;
const FORMAT = 1;
const FLAG_JSON = 1;
const ID_BYTES = 40;
// RecordedEvent.data
const DATA_TAG = 0x42;
// .NET ticks per millisecond.
const TICKS = '0000';

const CONTENT_TYPE_JSON = contentTypeEntry('application/json');
const CONTENT_TYPE_BINARY = contentTypeEntry('application/octet-stream');
const NO_BYTES = Buffer.alloc(0);

/** Everything about an event that is stored. */
export interface EventRecord {
  id: string;
  stream: string;
  /** {@link TOMBSTONE_REVISION} for the event that ends a tombstoned stream. */
  revision: number;
  position: number;
  type: string;
  isJson: boolean;
  createdMs: number;
  customMetadata: Uint8Array;
  data: Uint8Array;
}

/** Encodes an event as it is stored. */
export function encodeRecord(record: EventRecord): Buffer {
  const nameBytes = Buffer.byteLength(record.stream);
  const typeBytes = Buffer.byteLength(record.type);
  const created = `${record.createdMs}${TICKS}`;
  const contentType = record.isJson ? CONTENT_TYPE_JSON : CONTENT_TYPE_BINARY;
  const positionBytes = 1 + varintSize(record.position);
  const typeEntryBytes = 6 + fieldSize(typeBytes);
  const createdEntryBytes = 9 + fieldSize(created.length);
  const recordedBytes =
    ID_BYTES +
    fieldSize(fieldSize(nameBytes)) +
    (record.revision === TOMBSTONE_REVISION ? 10 : 1 + varintSize(record.revision)) +
    2 * positionBytes +
    fieldSize(typeEntryBytes) +
    contentType.length +
    fieldSize(createdEntryBytes) +
    optionalFieldSize(record.customMetadata) +
    optionalFieldSize(record.data);
  const eventBytes = fieldSize(recordedBytes) + positionBytes;
  const value = Buffer.allocUnsafe(HEADER_BYTES + fieldSize(eventBytes));

  const writer = new WireWriter(value, HEADER_BYTES);
  writer.open(0x0a, eventBytes);
  writer.open(0x0a, recordedBytes);
  const recordedAt = writer.at;
  writer.open(0x0a, ID_BYTES - 2);
  writer.textField(0x12, record.id, 36);
  writer.open(0x12, fieldSize(nameBytes));
  writer.textField(0x1a, record.stream, nameBytes);
  const nameAt = writer.at - nameBytes;
  if (record.revision === TOMBSTONE_REVISION) writer.bigintField(0x18, TOMBSTONE_REVISION_WIRE);
  else writer.numberField(0x18, record.revision);
  writer.numberField(0x20, record.position);
  writer.numberField(0x28, record.position);
  writer.open(0x32, typeEntryBytes);
  writer.textField(0x0a, 'type', 4);
  writer.textField(0x12, record.type, typeBytes);
  const typeAt = writer.at - typeBytes;
  writer.put(contentType);
  writer.open(0x32, createdEntryBytes);
  writer.textField(0x0a, 'created', 7);
  writer.textField(0x12, created, created.length);
  if (record.customMetadata.length > 0) writer.bytesField(0x3a, record.customMetadata);
  if (record.data.length > 0) writer.bytesField(DATA_TAG, record.data);
  writer.numberField(0x18, record.position);

  value.writeUInt8(FORMAT, 0);
  value.writeUInt8(record.isJson ? FLAG_JSON : 0, 1);
  value.writeUInt16LE(recordedAt, 2);
  value.writeUInt16LE(nameAt, 4);
  value.writeUInt16LE(nameBytes, 6);
  value.writeUInt16LE(typeAt, 8);
  value.writeUInt16LE(typeBytes, 10);
  value.writeUInt32LE(recordedBytes, 12);
  value.writeDoubleLE(record.createdMs, 16);
  value.writeDoubleLE(record.revision, 24);
  return value;
}

/** The `ReadResp` bytes to send to a reader. */
export function readResponseOf(value: Buffer): Buffer {
  return value.subarray(HEADER_BYTES);
}

/** The encoded RecordedEvent inside, for messages that carry it differently. */
export function recordedEventOf(value: Buffer): Buffer {
  const start = value.readUInt16LE(2);
  return value.subarray(start, start + value.readUInt32LE(12));
}

/** The name of the event's stream. */
export function streamOf(value: Buffer): string {
  const start = value.readUInt16LE(4);
  return value.toString('utf8', start, start + value.readUInt16LE(6));
}

/** The event's type. */
export function typeOf(value: Buffer): string {
  const start = value.readUInt16LE(8);
  return value.toString('utf8', start, start + value.readUInt16LE(10));
}

/** The event's id, a lower-case UUID. */
export function idOf(value: Buffer): string {
  const start = value.readUInt16LE(2) + 4;
  return value.toString('latin1', start, start + 36);
}

/** When the event was written, in milliseconds since the epoch. */
export function createdMsOf(value: Buffer): number {
  return value.readDoubleLE(16);
}

/** The event's revision in its stream. */
export function revisionOf(value: Buffer): number {
  return value.readDoubleLE(24);
}

/** Whether the writer called the data JSON. */
export function isJson(value: Buffer): boolean {
  return (value.readUInt8(1) & FLAG_JSON) !== 0;
}

/** The event's data. */
export function dataOf(value: Buffer): Buffer {
  const reader = protobuf.Reader.create(recordedEventOf(value));
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    // What is read from a Buffer is one; the type allows for browsers.
    if (tag === DATA_TAG) return reader.bytes() as Buffer;
    reader.skipType(tag & 7);
  }
  return NO_BYTES;
}

/** Whether these bytes look like a value that {@link encodeRecord} wrote. */
export function isRecord(value: Buffer): boolean {
  if (value.length < HEADER_BYTES + ID_BYTES || value.readUInt8(0) !== FORMAT) return false;
  return value.readUInt16LE(2) + value.readUInt32LE(12) < value.length;
}

function optionalFieldSize(bytes: Uint8Array): number {
  return bytes.length === 0 ? 0 : fieldSize(bytes.length);
}

function contentTypeEntry(contentType: string): Buffer {
  const length = 14 + fieldSize(contentType.length);
  const writer = new WireWriter(Buffer.alloc(fieldSize(length)));
  writer.open(0x32, length);
  writer.textField(0x0a, 'content-type', 12);
  writer.textField(0x12, contentType, contentType.length);
  return writer.bytes;
}
