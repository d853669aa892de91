import { eventIdOf, hashCanonical, isHashedMetadata } from './chain.ts';
import { decodeEvent, decodeMetadata } from './decode.ts';
import { describeIssues } from './envelope.ts';
import { InvalidEventError } from './errors.ts';
import { canonicalJson, canonicalMembers, isSameJson, objectJson, withMember } from './json.ts';
import type { RawEvent } from './raw-event.ts';
import type { EventRegistry } from './registry.ts';
import type { NewEvent, RecordedEvent, StreamHead } from './types.ts';

/** An append in its final bytes: sending it twice sends the same. */
export type SealedAppend = {
  readonly stream: string;
  readonly expectedRevision: number;
  readonly events: readonly SealedEvent[];
  /** The head after the append. */
  readonly head: StreamHead;
  /** As the server counts: data, metadata and twice the length of the type. */
  readonly sizeBytes: number;
};

/** One event of it, with what a reader will make of it. Its position is 0 until the server has given one. */
export type SealedEvent = { readonly raw: RawEvent; readonly decoded: RecordedEvent };

/**
 * Validates events, chains them to `head` and gives them their bytes, hash and id. Pure.
 * @throws InvalidEventError when an event has no definition, does not fit its schema, or is not JSON.
 */
export function sealEvents(
  stream: string,
  head: StreamHead,
  newEvents: readonly NewEvent[],
  registry: EventRegistry,
): SealedAppend {
  if (newEvents.length === 0) throw new InvalidEventError(stream, '(none)', 'an append needs at least one event');
  if (stream === '' || stream.startsWith('$')) {
    throw new InvalidEventError(
      stream,
      newEvents[0]?.type ?? '',
      'the name of a stream is not empty and does not begin with $',
    );
  }
  let end = head;
  let sizeBytes = 0;
  const events = newEvents.map((event) => {
    const sealed = sealEvent(stream, end, event, registry);
    const { revision, metadata } = sealed.decoded;
    end = { revision, hash: metadata.hash, recordedAt: metadata.recordedAt };
    sizeBytes += sealed.raw.rawData.length + sealed.raw.rawMetadata.length + 2 * event.type.length;
    return sealed;
  });
  return { stream, expectedRevision: head.revision, events, head: end, sizeBytes };
}

function sealEvent(stream: string, head: StreamHead, event: NewEvent, registry: EventRegistry): SealedEvent {
  const definition = registry.find(event.type);
  if (!definition) throw new InvalidEventError(stream, event.type, 'no definition has this type');
  const parsed = definition.schema.safeParse(event.data);
  if (!parsed.success) {
    throw new InvalidEventError(stream, event.type, describeIssues(parsed.error), { cause: parsed.error });
  }
  const revision = head.revision + 1;
  const dataJson = jsonOf(stream, event.type, 'data', () => canonicalJson(parsed.data));
  const metadata = {
    ...event.metadata,
    schemaVersion: definition.schemaVersion,
    recordedAt: event.metadata.recordedAt > head.recordedAt ? event.metadata.recordedAt : head.recordedAt,
    prevHash: head.hash,
  };
  const members = jsonOf(stream, event.type, 'metadata', () => canonicalMembers(metadata));
  const metadataJson = objectJson(members.filter(({ key }) => isHashedMetadata(key)));
  const hash = hashCanonical({ stream, revision, type: event.type, dataJson, metadataJson });
  const storedMetadataJson = objectJson(withMember(members, 'hash', hash));
  const raw: RawEvent = {
    stream,
    revision,
    position: 0n,
    id: eventIdOf(hash),
    type: event.type,
    created: metadata.recordedAt,
    isJson: true,
    rawData: Buffer.from(dataJson),
    rawMetadata: Buffer.from(storedMetadataJson),
  };
  const data: unknown = JSON.parse(dataJson);
  // What a reader validates is what was validated here, with this answer: doing it again could not end otherwise.
  const isValidated = isSameJson(event.data, data) && isSameJson(parsed.data, data);
  return { raw, decoded: isValidated ? decodedFrom(raw, data) : readBack(raw, registry) };
}

function decodedFrom(raw: RawEvent, data: unknown): RecordedEvent {
  const { stream, revision, position, id, type } = raw;
  return { stream, revision, position, id, type, data, metadata: orRefused(raw, () => decodeMetadata(raw)) };
}

/** A schema that changes what it reads may not accept its own answer: what could not be decoded must never be stored. */
function readBack(raw: RawEvent, registry: EventRegistry): RecordedEvent {
  return orRefused(raw, () => {
    const decoded = decodeEvent(raw, registry);
    if (decoded.kind === 'undecodable') throw decoded.event.error;
    return decoded.event;
  });
}

function orRefused<T>({ stream, type }: RawEvent, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new InvalidEventError(stream, type, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function jsonOf<T>(stream: string, type: string, part: string, serialise: () => T): T {
  try {
    return serialise();
  } catch (error) {
    throw new InvalidEventError(stream, type, `${part} ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
