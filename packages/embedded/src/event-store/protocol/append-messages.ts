import type { Expectation } from '../engine/expected-revision.ts';
import { faultOf, streamNameFault, type ProposedEvent } from '../engine/proposed-event.ts';
import { invalidArgument, RpcError } from './call.ts';
import { WireReader } from './wire.ts';

const NO_BYTES = Buffer.alloc(0);

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

/** Decodes `AppendReq`: either the target or one event. */
export function decodeAppendRequest(bytes: Buffer): { target?: AppendTarget; event?: ProposedEvent } {
  const reader = new WireReader(bytes);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) return { target: decodeTarget(reader.message()).target };
    if (field === 2) return { event: decodeEvent(reader.message()) };
    reader.skip();
  }
  return {};
}

/** Decodes `BatchAppendReq`. */
export function decodeBatchPart(bytes: Buffer, nowMs: number): BatchPart {
  const part: BatchPart = { correlation: NO_BYTES, events: [], isFinal: false };
  const reader = new WireReader(bytes);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) part.correlation = reader.bytes();
    else if (field === 2 || field === 3) decodeContent(part, field, reader.message(), nowMs);
    else if (field === 4) part.isFinal = reader.number() !== 0;
    else reader.skip();
  }
  return part;
}

/** One bad event fails its own append, not the whole stream of appends. */
function decodeContent(part: BatchPart, field: 2 | 3, reader: WireReader, nowMs: number): void {
  try {
    if (field === 2) Object.assign(part, decodeTarget(reader, nowMs));
    else part.events.push(decodeEvent(reader));
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    part.fault ??= error;
  }
}

/** The options of both kinds of append: their first five fields mean the same. */
function decodeTarget(reader: WireReader, nowMs = 0): { target: AppendTarget; deadlineMs?: number } {
  const target: AppendTarget = { stream: '', streamIdentifier: NO_BYTES, expectation: { kind: 'any' } };
  let deadlineMs: number | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) {
      target.streamIdentifier = reader.bytes();
      target.stream = decodeStreamName(target.streamIdentifier);
    } else if (field === 2) target.expectation = { kind: 'revision', revision: reader.bigint() };
    else if (field >= 3 && field <= 5) {
      target.expectation = { kind: field === 3 ? 'noStream' : field === 4 ? 'any' : 'streamExists' };
      reader.skip();
    } else if (field === 6) deadlineMs = decodeSeconds(reader.message());
    else if (field === 7) deadlineMs = nowMs + decodeSeconds(reader.message());
    else reader.skip();
  }
  const fault = streamNameFault(target.stream);
  if (fault !== undefined) throw invalidArgument(fault);
  return deadlineMs === undefined ? { target } : { target, deadlineMs };
}

function decodeStreamName(identifier: Buffer): string {
  const reader = new WireReader(identifier);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 3) return reader.text();
    reader.skip();
  }
  return '';
}

/** A timestamp or duration in milliseconds. */
function decodeSeconds(reader: WireReader): number {
  let ms = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    const value = Number(BigInt.asIntN(64, reader.bigint()));
    ms += field === 1 ? value * 1000 : field === 2 ? value / 1_000_000 : 0;
  }
  return ms;
}

function decodeEvent(reader: WireReader): ProposedEvent {
  let id = '';
  let type: string | undefined;
  let contentType: string | undefined;
  let customMetadata: Uint8Array = NO_BYTES;
  let data: Uint8Array = NO_BYTES;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) id = decodeUuid(reader.message());
    else if (field === 2) {
      const [key, value] = decodeMapEntry(reader.message());
      if (key === 'type') type = value;
      else if (key === 'content-type') contentType = value;
    } else if (field === 3) customMetadata = reader.bytes();
    else if (field === 4) data = reader.bytes();
    else reader.skip();
  }
  if (type === undefined || contentType === undefined) throw missingMetadata();
  const event = { id, type, isJson: contentType === 'application/json', data, customMetadata };
  const fault = faultOf(event);
  if (fault !== undefined) throw invalidArgument(fault);
  return event;
}

function decodeMapEntry(reader: WireReader): [string, string] {
  let key = '';
  let value = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) key = reader.text();
    else if (field === 2) value = reader.text();
    else reader.skip();
  }
  return [key, value];
}

/** A UUID message, in its text or its structured form, as lower-case text. */
function decodeUuid(reader: WireReader): string {
  let id = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) id = decodeStructuredUuid(reader.message());
    else if (field === 2) id = reader.text().toLowerCase();
    else reader.skip();
  }
  return id;
}

function decodeStructuredUuid(reader: WireReader): string {
  let high = 0n;
  let low = 0n;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) high = reader.bigint();
    else if (field === 2) low = reader.bigint();
    else reader.skip();
  }
  const hex = ((high << 64n) | low).toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function missingMetadata() {
  return invalidArgument('Required Metadata Property missing.', {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });
}
