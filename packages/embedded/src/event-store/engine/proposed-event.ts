import { STREAM_NAME_BYTES_MAX } from './stream-names.ts';

/** Longest event type, in UTF-8 bytes. */
export const EVENT_TYPE_BYTES_MAX = 4096;

/** An event as a writer hands it in. The buffers belong to the request and are copied when the event is stored. */
export interface ProposedEvent {
  /** Lower-case UUID. */
  id: string;
  type: string;
  isJson: boolean;
  data: Uint8Array;
  customMetadata: Uint8Array;
}

/** What an event counts towards the append limit, in bytes. */
export function sizeOf(event: ProposedEvent): number {
  return event.data.length + event.customMetadata.length + 2 * event.type.length;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const EMPTY_UUID = '00000000-0000-0000-0000-000000000000';

/** Why an event cannot be stored, or undefined when it can. */
export function faultOf(event: ProposedEvent): string | undefined {
  if (!UUID.test(event.id)) return `"${event.id}" is not a UUID; give every event a UUID as its id.`;
  if (event.id === EMPTY_UUID) return 'An event has the empty UUID as its id; give every event an id of its own.';
  if (event.type.length === 0) return 'An event has an empty type; give every event a type.';
  if (Buffer.byteLength(event.type) > EVENT_TYPE_BYTES_MAX) {
    return `An event type is longer than ${EVENT_TYPE_BYTES_MAX} bytes; use a shorter one.`;
  }
  return undefined;
}

/** Why a stream name cannot be used, or undefined when it can. */
export function streamNameFault(name: string): string | undefined {
  if (name.length === 0) return 'The stream name is empty; name a stream.';
  if (Buffer.byteLength(name) > STREAM_NAME_BYTES_MAX) {
    return `The stream name is longer than ${STREAM_NAME_BYTES_MAX} bytes; use a shorter one.`;
  }
  return undefined;
}
