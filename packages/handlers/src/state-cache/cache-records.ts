import { createHash } from 'node:crypto';
import zlib from 'node:zlib';
import type { RecordedEvent } from '@perennial/event-store';
import { open } from 'lmdb';

/** The parts of a stream's entry, in the order of their keys. */
export const recordKinds = { snapshot: 0, part: 1, event: 2, end: 3 } as const;

/** `[stream, kind, number]`. */
export type RecordKey = (string | number)[];

/** The database of a cache: bytes by key, and nothing that a machine's crash would have to leave intact. */
export type RecordDatabase = ReturnType<typeof openRecords>;

/** Opens the database. Not synced: a process that is killed loses nothing, see `cache-directory.ts` for the machine. */
export function openRecords(path: string, mapSizeBytes: number) {
  return open<Buffer, RecordKey>({ path, encoding: 'binary', noSync: true, mapSize: mapSizeBytes });
}

const checksumBytes = 4;
// Node has it from 20.15 on.
const crc32: ((bytes: Uint8Array) => number) | undefined = zlib.crc32;

/** Tells damaged bytes from whole ones. */
export function checksumOf(bytes: Uint8Array): number {
  return crc32?.(bytes) ?? createHash('sha256').update(bytes).digest().readUInt32LE();
}

/** JSON behind its checksum. */
export function sealRecord(value: unknown): Buffer {
  const json = JSON.stringify(value);
  const record = Buffer.allocUnsafe(checksumBytes + Buffer.byteLength(json));
  record.write(json, checksumBytes);
  record.writeUInt32LE(checksumOf(record.subarray(checksumBytes)));
  return record;
}

/** The JSON of a record; undefined when it is damaged, or not there. */
export function openRecord(record: Buffer | undefined): unknown {
  if (record === undefined) return undefined;
  const bytes = record.subarray(checksumBytes);
  if (record.length < checksumBytes || record.readUInt32LE() !== checksumOf(bytes)) return undefined;
  return JSON.parse(bytes.toString());
}

type EventRecord = Omit<RecordedEvent, 'stream' | 'position'> & { readonly position: string };

/** An event as it is kept. */
export function eventRecord({ stream: _stream, position, ...event }: RecordedEvent): EventRecord {
  return { ...event, position: String(position) };
}

/** The event again; undefined when the record is damaged. */
export function recordedEvent(stream: string, record: Buffer): RecordedEvent | undefined {
  // Its checksum is right, so it is what `eventRecord` of this build wrote.
  const kept = openRecord(record) as EventRecord | undefined;
  return kept && { ...kept, stream, position: BigInt(kept.position) };
}
