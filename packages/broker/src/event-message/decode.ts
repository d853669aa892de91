import {
  EventMessageError,
  eventHeaders,
  type DecodedEventMessage,
  type EventMessageHead,
  type MessageEvent,
  type MessageMetadata,
} from './message.ts';

/** The part of a NATS message that decoding needs; `get` answers an empty text for an absent header. */
export type ReceivedEventMessage = {
  readonly headers?: { get(name: string): string } | undefined;
  readonly data: Uint8Array;
};

const actorTypes: ReadonlySet<string> = new Set(['user', 'partner', 'support', 'provider', 'system', 'anonymous']);

/** Which event a message is, without parsing its body. @throws EventMessageError */
export function readEventMessageHead(message: ReceivedEventMessage): EventMessageHead {
  const header = (name: string) => {
    const value = message.headers?.get(name) ?? '';
    if (value === '') throw new EventMessageError(`header ${name} is missing`);
    return value;
  };
  return {
    logId: header(eventHeaders.logId),
    stream: header(eventHeaders.stream),
    revision: wholeNumber(eventHeaders.revision, header(eventHeaders.revision)),
    position: BigInt(wholeText(eventHeaders.position, header(eventHeaders.position))),
    // A repetition that the server would take for a duplicate carries a suffix (relay).
    id: header(eventHeaders.messageId).replace(/#\d+$/, ''),
  };
}

/** Rebuilds the recorded event of a message exactly. @throws EventMessageError */
export function decodeEventMessage(message: ReceivedEventMessage): DecodedEventMessage {
  const { logId, ...head } = readEventMessageHead(message);
  const body = parseBody(message.data);
  const subject = text(body, 'subject');
  const type = text(body, 'type');
  if (text(body, 'id') !== head.id) throw new EventMessageError(`its id is not its header's (${head.id})`);
  const undecodable = message.headers?.get(eventHeaders.undecodable) ?? '';
  if (undecodable !== '') {
    const rawData = Buffer.from(text(body, 'data_base64'), 'base64');
    const rawMetadata = Buffer.from(text(body, 'rawmetadata'), 'base64');
    const error = new Error(undecodable);
    return { kind: 'undecodable', logId, subject, event: { ...head, type, rawData, rawMetadata, error } };
  }
  const event: MessageEvent = { ...head, type, data: body['data'], metadata: metadataOf(body) };
  const dataVersion = body['dataversion'];
  if (typeof dataVersion !== 'number') throw new EventMessageError('dataversion is not a number');
  return { kind: 'event', logId, subject, dataVersion, event };
}

function metadataOf(body: Record<string, unknown>): MessageMetadata {
  const schemaVersion = body['schemaversion'];
  if (typeof schemaVersion !== 'number') throw new EventMessageError('schemaversion is not a number');
  return {
    schemaVersion,
    effectiveAt: text(body, 'time'),
    recordedAt: text(body, 'recordedtime'),
    actor: { type: actorType(text(body, 'actortype')), id: text(body, 'actorid'), roles: roles(body) },
    commandId: text(body, 'commandid'),
    $correlationId: text(body, 'correlationid'),
    $causationId: text(body, 'causationid'),
    ...optionalText(body, 'tenant', 'tenant'),
    ...optionalText(body, 'policy', 'policy'),
    ...optionalText(body, 'catalogue', 'catalogue'),
    ...optionalText(body, 'tzdata', 'tzdata'),
    ...optionalText(body, 'reason', 'reason'),
    ...optionalText(body, 'commandHash', 'commandhash'),
    prevHash: text(body, 'prevhash'),
    hash: text(body, 'hash'),
    ...optionalText(body, 'traceparent', 'traceparent'),
  };
}

function actorType(value: string): MessageMetadata['actor']['type'] {
  if (!actorTypes.has(value)) throw new EventMessageError(`actortype ${value} is unknown`);
  // The set holds exactly the members of the union.
  return value as MessageMetadata['actor']['type'];
}

function roles(body: Record<string, unknown>): readonly string[] {
  const parsed: unknown = JSON.parse(text(body, 'actorroles'));
  if (!Array.isArray(parsed) || !parsed.every((role): role is string => typeof role === 'string')) {
    throw new EventMessageError('actorroles is not a list of texts');
  }
  return parsed;
}

function optionalText<Key extends string>(body: Record<string, unknown>, key: Key, attribute: string) {
  // A computed key widens to an index signature; the object has exactly this key or none.
  return (body[attribute] === undefined ? {} : { [key]: text(body, attribute) }) as { readonly [K in Key]?: string };
}

function text(body: Record<string, unknown>, attribute: string): string {
  const value = body[attribute];
  if (typeof value !== 'string') throw new EventMessageError(`${attribute} is not a text`);
  return value;
}

function wholeText(name: string, value: string): string {
  if (!/^\d+$/.test(value)) throw new EventMessageError(`header ${name} is not a whole number (${value})`);
  return value;
}

function wholeNumber(name: string, value: string): number {
  return Number(wholeText(name, value));
}

function parseBody(data: Uint8Array): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    // JSON objects have string keys; every attribute is checked where it is used.
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch (error) {
    throw new EventMessageError('its body is not JSON', { cause: error });
  }
  throw new EventMessageError('its body is not a JSON object');
}
