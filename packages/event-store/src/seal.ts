import { eventIdOf, hashCanonical, hashedMetadataJson } from './chain.ts';
import { decodeEvent } from './decode.ts';
import { describeIssues } from './envelope.ts';
import { InvalidEventError } from './errors.ts';
import { canonicalJson } from './json.ts';
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
  const metadataJson = jsonOf(stream, event.type, 'metadata', () => hashedMetadataJson(metadata));
  const hash = hashCanonical({ stream, revision, type: event.type, dataJson, metadataJson });
  const storedMetadataJson = jsonOf(stream, event.type, 'metadata', () => canonicalJson({ ...metadata, hash }));
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
  // Read back before it is sent: what could not be decoded later must never be stored.
  const decoded = decodeEvent(raw, registry);
  if (decoded.kind === 'undecodable') {
    throw new InvalidEventError(stream, event.type, decoded.event.error.message, { cause: decoded.event.error });
  }
  return { raw, decoded: decoded.event };
}

function jsonOf(stream: string, type: string, part: string, serialise: () => string): string {
  try {
    return serialise();
  } catch (error) {
    throw new InvalidEventError(stream, type, `${part} ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
