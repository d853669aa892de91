import * as crypto from 'node:crypto';
import { canonicalJson, canonicalMembers, objectJson } from './json.ts';
import type { StreamHead } from './types.ts';

/** Namespace of event ids: an id is UUIDv5(this, hash of the event). Never change it. */
export const EVENT_ID_NAMESPACE = '6f1c36f5-2a4e-5f0d-9c3b-7f5a1e0d42b8';

/** Each byte as the character of that number. */
const namespaceBytes = Buffer.from(EVENT_ID_NAMESPACE.replaceAll('-', ''), 'hex').toString('latin1');

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

/**
 * The id that belongs to a hash, so that a retry with other content cannot pass for the original: UUIDv5 (RFC 9562, 5.5),
 * written here because every event that is sealed or verified has one made, and the library takes five times as long.
 */
export function eventIdOf(hash: string): string {
  const hex = digest('sha1', Buffer.from(`${namespaceBytes}${hash}`, 'latin1'));
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0b0011) | 0b1000).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function sha256(text: string): string {
  return digest('sha256', text);
}

/** Hex; in one call where Node has it (from 20.12), which halves the time for texts as short as events. */
const digest: (algorithm: 'sha1' | 'sha256', content: string | Uint8Array) => string =
  typeof crypto.hash === 'function'
    ? (algorithm, content) => crypto.hash(algorithm, content, 'hex')
    : (algorithm, content) => crypto.createHash(algorithm).update(content).digest('hex');
