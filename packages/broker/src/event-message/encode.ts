import {
  eventHeaders,
  type EventMessage,
  type EventMessageOrigin,
  type MessageEvent,
  type UndecodableMessageEvent,
} from './message.ts';

/** Turns a recorded event into its message. The same event always becomes the same bytes. */
export function encodeEventMessage(event: MessageEvent, origin: EventMessageOrigin): EventMessage {
  const { metadata } = event;
  const head = cloudEventHead(event, origin);
  // Named one by one: a spread before so many members makes an object that is slow to build and to write.
  const body = {
    specversion: head.specversion,
    id: head.id,
    source: head.source,
    type: head.type,
    subject: head.subject,
    partitionkey: head.partitionkey,
    sequence: head.sequence,
    time: metadata.effectiveAt,
    datacontenttype: 'application/json',
    recordedtime: metadata.recordedAt,
    correlationid: metadata.$correlationId,
    causationid: metadata.$causationId,
    commandid: metadata.commandId,
    commandhash: metadata.commandHash,
    schemaversion: metadata.schemaVersion,
    dataversion: origin.dataVersion,
    actortype: metadata.actor.type,
    actorid: metadata.actor.id,
    actorroles: JSON.stringify(metadata.actor.roles),
    tenant: metadata.tenant,
    policy: metadata.policy,
    catalogue: metadata.catalogue,
    tzdata: metadata.tzdata,
    reason: metadata.reason,
    traceparent: metadata.traceparent,
    prevhash: metadata.prevHash,
    hash: metadata.hash,
    data: event.data,
  };
  return { messageId: event.id, headers: headersOf(event, origin), body: Buffer.from(JSON.stringify(body)) };
}

/** Turns an event that could not be decoded into a message that keeps its place and its stored bytes. */
export function encodeUndecodableMessage(
  event: UndecodableMessageEvent,
  origin: Omit<EventMessageOrigin, 'dataVersion'>,
): EventMessage {
  const body = {
    ...cloudEventHead(event, origin),
    rawmetadata: Buffer.from(event.rawMetadata).toString('base64'),
    data_base64: Buffer.from(event.rawData).toString('base64'),
  };
  return {
    messageId: event.id,
    headers: {
      ...headersOf(event, origin),
      [eventHeaders.undecodable]: event.error.message.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 500),
    },
    body: Buffer.from(JSON.stringify(body)),
  };
}

type Placed = Pick<MessageEvent, 'stream' | 'revision' | 'position' | 'id' | 'type'>;

function cloudEventHead(event: Placed, origin: Omit<EventMessageOrigin, 'dataVersion'>) {
  return {
    specversion: '1.0',
    id: event.id,
    source: `/perennial/logs/${origin.logId}`,
    type: event.type,
    subject: origin.subject,
    partitionkey: origin.subject,
    sequence: String(event.revision).padStart(20, '0'),
  };
}

function headersOf(event: Placed, origin: Omit<EventMessageOrigin, 'dataVersion'>): Record<string, string> {
  return {
    [eventHeaders.stream]: event.stream,
    [eventHeaders.revision]: String(event.revision),
    [eventHeaders.position]: String(event.position),
    [eventHeaders.logId]: origin.logId,
    'Content-Type': 'application/cloudevents+json',
  };
}
