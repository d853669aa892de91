/** What a stream's metadata says about which of its events may be read. */
export interface StreamMetadata {
  /** Only the newest so many events. */
  maxCount?: number;
  /** Only events younger than so many seconds. */
  maxAgeS?: number;
  /** Only events from this revision on. */
  truncateBefore?: number;
  /** Truncated at the end of all revisions: gone until somebody writes again. */
  softDeleted: boolean;
}

/** Metadata of a stream that has none. */
export const NO_METADATA: StreamMetadata = { softDeleted: false };

/** A metastream keeps only its last event readable. */
export const METASTREAM_METADATA: StreamMetadata = { softDeleted: false, maxCount: 1 };

/** The content of the metadata event that soft-deletes a stream: the largest signed 64-bit integer, as text. */
export const SOFT_DELETE_JSON = '{"$tb":9223372036854775807}';

// The largest signed 64-bit integer as JSON.parse rounds it.
const TRUNCATE_ALL = 2 ** 63;

/** Reads a metadata event's data; anything that is not a JSON object counts as no metadata. */
export function parseMetadata(data: Uint8Array): StreamMetadata {
  const json = parseObject(data);
  if (!json) return NO_METADATA;
  const metadata: StreamMetadata = { softDeleted: json['$tb'] === TRUNCATE_ALL };
  const maxCount = integer(json['$maxCount']);
  const maxAgeS = integer(json['$maxAge']);
  const truncateBefore = integer(json['$tb']);
  if (maxCount !== undefined) metadata.maxCount = maxCount;
  if (maxAgeS !== undefined) metadata.maxAgeS = maxAgeS;
  if (truncateBefore !== undefined) metadata.truncateBefore = truncateBefore;
  return metadata;
}

/** The metadata that revives a soft-deleted stream from `revision` on; its other keys are kept. */
export function undeleteJson(data: Uint8Array | undefined, revision: number): string {
  return JSON.stringify({ ...(data && parseObject(data)), $tb: revision });
}

/** The revisions and age that may be read. */
export interface ReadableRange {
  first: number;
  createdAfterMs: number;
}

/** Applies a stream's metadata to its last revision, at `nowMs`. */
export function readableRange(metadata: StreamMetadata, lastRevision: number, nowMs: number): ReadableRange {
  const byCount = metadata.maxCount === undefined ? 0 : lastRevision - metadata.maxCount + 1;
  return {
    first: Math.max(0, metadata.truncateBefore ?? 0, byCount),
    createdAfterMs: metadata.maxAgeS === undefined ? -Infinity : nowMs - metadata.maxAgeS * 1000,
  };
}

function parseObject(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'));
    // The check leaves only plain JSON objects, whose keys are strings.
    return parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function integer(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}
