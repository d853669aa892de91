import { unreadable, type Unreadable } from '../reading.ts';

/** A message as it came over NATS or HTTP. */
export type CloudEventMessage = {
  /** Names in any case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
};

/** CloudEvents found in a message, not yet validated, or why there are none. */
export type UnpackedMessage = { readonly kind: 'events'; readonly events: readonly unknown[] } | Unreadable;

/**
 * Takes the CloudEvents out of a message (`domain.md 5.4`): structured JSON, a batch of it, or binary mode, where the
 * attributes are `ce-` headers and the body is the data. Plain JSON without headers is taken as structured, because that
 * is what a person publishes by hand.
 */
export function unpackMessage(message: CloudEventMessage): UnpackedMessage {
  const headers = new Map(Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), value ?? '']));
  const body = parseBody(message.body);
  if (body.kind === 'unreadable') return body;
  const events = isBinary(headers) ? [binaryEvent(headers, body.json)] : [body.json].flat();
  return { kind: 'events', events };
}

/** Whether a message is in binary mode; names of headers in lower case. */
export function isBinary(headers: ReadonlyMap<string, string>): boolean {
  const contentType = (headers.get('content-type') ?? '').trim().toLowerCase();
  return !contentType.startsWith('application/cloudevents') && headers.has('ce-specversion');
}

/** The event of a message in binary mode; names of headers in lower case. */
export function binaryEvent(headers: ReadonlyMap<string, string>, data: unknown): Readonly<Record<string, unknown>> {
  return { ...binaryAttributes(headers), data };
}

function parseBody(bytes: Uint8Array): { kind: 'parsed'; json: unknown } | Unreadable {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return unreadable('NOT_UTF8', 'the body is not UTF-8; send JSON in UTF-8');
  }
  try {
    return { kind: 'parsed', json: JSON.parse(text) };
  } catch (error) {
    return unreadable('NOT_JSON', `the body is not JSON: ${String(error).slice(0, 200)}`);
  }
}

function binaryAttributes(headers: ReadonlyMap<string, string>): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (name.startsWith('ce-')) attributes[name.slice(3)] = percentDecoded(value);
  }
  const contentType = headers.get('content-type');
  return contentType === undefined ? attributes : { ...attributes, datacontenttype: contentType };
}

/** A value that is no valid encoding is taken as it stands: then it was not encoded. */
function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
