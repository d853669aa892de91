import { createHash } from 'node:crypto';
import { parse as parseUuid, v5 as uuidV5 } from 'uuid';
import { canonicalJson, canonicalMembers, objectJson } from './json.ts';
import type { StreamHead } from './types.ts';

/** Namespace of event ids: an id is UUIDv5(this, hash of the event). Never change it. */
export const EVENT_ID_NAMESPACE = '6f1c36f5-2a4e-5f0d-9c3b-7f5a1e0d42b8';

const eventIdNamespace = parseUuid(EVENT_ID_NAMESPACE);

/** The head of a stream that does not exist: the chain starts from the stream's name. */
export function emptyHead(stream: string): StreamHead {
  return { revision: -1, hash: sha256(`{"stream":${canonicalJson(stream)}}`), recordedAt: '' };
}

/** What an event's hash covers, in the form in which it is stored (original schema version). */
export type HashedEvent = {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly data: unknown;
  /** All of the metadata, `prevHash` included; `hash` and `traceparent` are left out by the function. */
  readonly metadata: Readonly<Record<string, unknown>>;
};

/** Hex SHA-256 over the RFC 8785 JSON of `{data, metadata, revision, stream, type}`. */
export function hashEvent(event: HashedEvent): string {
  return hashCanonical({
    ...event,
    dataJson: canonicalJson(event.data),
    metadataJson: hashedMetadataJson(event.metadata),
  });
}

/** RFC 8785 JSON of the part of the metadata that the hash covers. */
export function hashedMetadataJson(metadata: Readonly<Record<string, unknown>>): string {
  return objectJson(canonicalMembers(metadata).filter(({ key }) => isHashedMetadata(key)));
}

/** Whether the hash covers this key of the metadata. */
export function isHashedMetadata(key: string): boolean {
  return key !== 'hash' && key !== 'traceparent';
}

/**
 * The same hash from parts that are RFC 8785 JSON already: such an object is its members in the order of their names,
 * so nothing has to be serialised twice.
 */
export function hashCanonical(event: {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly dataJson: string;
  readonly metadataJson: string;
}): string {
  const { stream, revision, type, dataJson, metadataJson } = event;
  return sha256(
    `{"data":${dataJson},"metadata":${metadataJson},"revision":${revision},"stream":${canonicalJson(stream)},"type":${canonicalJson(type)}}`,
  );
}

/** The id that belongs to a hash, so that a retry with other content cannot pass for the original. */
export function eventIdOf(hash: string): string {
  return uuidV5(hash, eventIdNamespace);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
