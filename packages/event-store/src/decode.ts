import { describeIssues, isMetadata, metadataSchema } from './envelope.ts';
import { UndecodableEventError, type UndecodableReason } from './errors.ts';
import type { RawEvent } from './raw-event.ts';
import type { EventRegistry, KnownEvent } from './registry.ts';
import type { EventMetadata, RecordedEvent, UndecodableEvent } from './types.ts';

/** An event that was read: usable, or to be parked. */
export type DecodedEvent =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'undecodable'; readonly event: UndecodableEvent };

/**
 * Turns stored bytes into an event of the current schema version. Every reader uses this one function, so that an event
 * is either understood by all of them in the same way or by none. Never throws.
 */
export function decodeEvent(raw: RawEvent, registry: EventRegistry): DecodedEvent {
  try {
    return { kind: 'event', event: decode(raw, registry) };
  } catch (error) {
    const { stream, revision, position, id, type, rawData, rawMetadata } = raw;
    const undecodable = error instanceof UndecodableEventError ? error : refusal(raw, 'invalid-data', error);
    return {
      kind: 'undecodable',
      event: { stream, revision, position, id, type, rawData, rawMetadata, error: undecodable },
    };
  }
}

/**
 * The metadata alone, for what needs no data (the head of a stream).
 * @throws UndecodableEventError
 */
export function decodeMetadata(raw: RawEvent): EventMetadata {
  const stored = parseJson(raw, raw.rawMetadata);
  if (isMetadata(stored)) return stored;
  const parsed = metadataSchema.safeParse(stored);
  if (!parsed.success) throw refusal(raw, 'invalid-metadata', parsed.error, describeIssues(parsed.error));
  // The schema is the type's own description; they differ only in that an absent key is also typed `undefined`.
  return parsed.data as EventMetadata;
}

function decode(raw: RawEvent, registry: EventRegistry): RecordedEvent {
  const definition = registry.find(raw.type);
  if (!definition) throw refusal(raw, 'unknown-type', undefined, 'no definition has this type');
  if (!raw.isJson) throw refusal(raw, 'not-json', undefined, 'it is not marked as JSON');
  const metadata = decodeMetadata(raw);
  const { stream, revision, position, id, type } = raw;
  const stored = { data: parseJson(raw, raw.rawData), metadata, dataVersion: metadata.schemaVersion };
  // Written out once: a spread of this many members would cost as much as reading the metadata.
  return { stream, revision, position, id, type, data: currentData(raw, stored, definition), metadata };
}

/**
 * Brings an event whose data is of another version to the current one, with the same upcasters and the same refusals as
 * {@link decodeEvent}: for what was passed on by another release. Never throws.
 */
export function decodeData(event: RecordedEvent, dataVersion: number, registry: EventRegistry): DecodedEvent {
  try {
    const definition = registry.find(event.type);
    if (!definition) throw refusal(event, 'unknown-type', undefined, 'no definition has this type');
    const { data, metadata } = event;
    return {
      kind: 'event',
      event: { ...event, data: currentData(event, { data, metadata, dataVersion }, definition) },
    };
  } catch (error) {
    const { stream, revision, position, id, type, data, metadata } = event;
    const undecodable = error instanceof UndecodableEventError ? error : refusal(event, 'invalid-data', error);
    const [rawData, rawMetadata] = [data, metadata].map((value) => Buffer.from(JSON.stringify(value) ?? ''));
    const nothing = new Uint8Array(0);
    return {
      kind: 'undecodable',
      event: {
        stream,
        revision,
        position,
        id,
        type,
        error: undecodable,
        rawData: rawData ?? nothing,
        rawMetadata: rawMetadata ?? nothing,
      },
    };
  }
}

function currentData(
  event: Parameters<typeof refusal>[0],
  stored: { readonly data: unknown; readonly metadata: EventMetadata; readonly dataVersion: number },
  definition: KnownEvent,
): unknown {
  const { schemaVersion, schema, takesAsItIs, upcasters = [] } = definition;
  const { metadata, dataVersion } = stored;
  if (dataVersion > schemaVersion) {
    throw refusal(
      event,
      'unknown-version',
      undefined,
      `it has version ${dataVersion}, known are 1 to ${schemaVersion}`,
    );
  }
  let { data } = stored;
  try {
    for (const upcaster of upcasters.slice(dataVersion - 1)) data = upcaster(data, metadata);
  } catch (error) {
    throw refusal(event, 'upcaster-failed', error);
  }
  if (takesAsItIs(data)) return data;
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw refusal(event, 'invalid-data', parsed.error, describeIssues(parsed.error));
  return parsed.data;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseJson(raw: RawEvent, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw refusal(raw, 'not-json', error);
  }
}

function refusal(
  raw: { readonly stream: string; readonly revision: number; readonly type: string },
  reason: UndecodableReason,
  cause: unknown,
  detail = String(cause),
): UndecodableEventError {
  return new UndecodableEventError(raw, reason, detail, cause === undefined ? undefined : { cause });
}
