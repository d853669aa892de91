import shared from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { RawEvent } from '@perennial/event-store';

/** An append as the server saw it. */
export type SeenAppend = {
  readonly stream: string;
  readonly events: readonly { readonly id: string; readonly data: Uint8Array; readonly metadata: Uint8Array }[];
  /** Bytes of the whole request but its correlation id. */
  readonly body: Buffer;
};

/** What a script may answer to an append; `position: undefined` leaves it out. */
export type ScriptedReply =
  | { readonly revision: number; readonly position?: number }
  | { readonly wrongRevision: number }
  /** Name of a protocol error message, without its package. */
  | { readonly error: string };

/** How a scripted server behaves. Everything left unanswered stays unanswered. */
export type Script = {
  append?(append: SeenAppend, answer: (reply: ScriptedReply) => void, call: ScriptedCall): void;
  read?(request: ScriptedRead, call: ScriptedCall): void;
};

/** What was asked for, and whether past the client, on an HTTP/2 connection of the door's own. */
export type ScriptedRead = { readonly kind: 'stream' | 'log' | 'subscription'; readonly direct: boolean };

/** An event as the server sends it. */
export type ScriptedEvent = Pick<
  RawEvent,
  'stream' | 'revision' | 'position' | 'id' | 'type' | 'rawData' | 'rawMetadata'
>;

/** One open call. */
export type ScriptedCall = {
  event(event: ScriptedEvent): void;
  confirm(): void;
  caughtUp(): void;
  /** Raw message bytes. */
  send(message: Uint8Array): void;
  /** Raw bytes, of messages with their prefixes or not. */
  write(bytes: Uint8Array): void;
  /** Ends the connection as a server that dies would. */
  breakOff(): void;
  end(grpcStatus?: number, trailers?: Record<string, string>): void;
};

/** A server of EventStoreDB's stream protocol that does exactly what a test says, right or wrong. */
export async function startScriptedServer(script: Script): Promise<{ url: string; close(): Promise<void> }> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session.on('close', () => sessions.delete(session)).on('error', () => {}));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    const call = callOn(stream);
    const path = String(headers[':path']);
    onMessages(stream, (bytes) => {
      if (path.endsWith('/BatchAppend')) receiveAppend(script, bytes, call);
      else script.read?.({ kind: kindOfRead(bytes), direct: headers['user-agent'] === 'perennial' }, call);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address is an object
  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    async close() {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function callOn(stream: ServerHttp2Stream): ScriptedCall {
  const write = (bytes: Uint8Array) => {
    if (!stream.destroyed) stream.write(bytes);
  };
  const send = (message: Uint8Array) => write(framed(message));
  const respond = (fill: (response: InstanceType<typeof streams.ReadResp>) => void) => {
    const response = new streams.ReadResp();
    fill(response);
    send(response.serializeBinary());
  };
  return {
    send,
    write,
    breakOff: () => stream.session?.destroy(),
    event: (event) => write(eventFrame(event)),
    confirm: () => respond((response) => response.setConfirmation(new streams.ReadResp.SubscriptionConfirmation())),
    caughtUp: () => respond((response) => response.setCaughtUp(new streams.ReadResp.CaughtUp())),
    end(grpcStatus = 0, trailers = {}) {
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(grpcStatus), ...trailers }));
      stream.end();
    },
  };
}

/** An event as it goes over HTTP/2, with the prefix of its message. */
export function eventFrame(event: ScriptedEvent): Buffer {
  const response = new streams.ReadResp();
  response.setEvent(readEvent(event));
  return framed(response.serializeBinary());
}

function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}

function onMessages(stream: ServerHttp2Stream, receive: (message: Buffer) => void): void {
  let received = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 5 && received.length >= 5 + received.readUInt32BE(1)) {
      const length = received.readUInt32BE(1);
      const message = received.subarray(5, 5 + length);
      received = received.subarray(5 + length);
      receive(message);
    }
  });
}

function kindOfRead(bytes: Buffer): 'stream' | 'log' | 'subscription' {
  const options = streams.ReadReq.deserializeBinary(bytes).getOptions();
  if (options?.hasSubscription()) return 'subscription';
  return options?.hasStream() ? 'stream' : 'log';
}

function readEvent(event: ScriptedEvent) {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
  const id = new shared.UUID();
  id.setString(event.id);
  recorded.setId(id);
  recorded.setStreamIdentifier(identifier(event.stream));
  recorded.setStreamRevision(String(event.revision));
  recorded.setCommitPosition(String(event.position));
  recorded.setPreparePosition(String(event.position));
  recorded.getMetadataMap().set('type', event.type).set('content-type', 'application/json').set('created', '0');
  recorded.setData(event.rawData);
  recorded.setCustomMetadata(event.rawMetadata);
  const read = new streams.ReadResp.ReadEvent();
  read.setEvent(recorded);
  read.setCommitPosition(String(event.position));
  return read;
}

function identifier(stream: string) {
  const name = new shared.StreamIdentifier();
  name.setStreamName(Buffer.from(stream));
  return name;
}

function receiveAppend(script: Script, bytes: Buffer, call: ScriptedCall): void {
  const request = streams.BatchAppendReq.deserializeBinary(bytes);
  const correlationId = request.getCorrelationId();
  const stream = Buffer.from(request.getOptions()?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
  const events = request.getProposedMessagesList().map((message) => ({
    id: message.getId()?.getString() ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  }));
  request.clearCorrelationId();
  const body = Buffer.from(request.serializeBinary());
  const answer = (reply: ScriptedReply) => {
    const response = new streams.BatchAppendResp();
    response.setCorrelationId(correlationId);
    response.setStreamIdentifier(identifier(stream));
    if ('revision' in reply) response.setSuccess(successOf(reply));
    else response.setError(errorOf(reply));
    call.send(response.serializeBinary());
  };
  script.append?.({ stream, events, body }, answer, call);
}

function successOf(reply: { revision: number; position?: number }) {
  const success = new streams.BatchAppendResp.Success();
  success.setCurrentRevision(String(reply.revision));
  if (reply.position === undefined) success.setNoPosition(new shared.Empty());
  else {
    const position = new shared.AllStreamPosition();
    position.setCommitPosition(String(reply.position));
    position.setPreparePosition(String(reply.position));
    success.setPosition(position);
  }
  return success;
}

function errorOf(reply: { wrongRevision: number } | { error: string }) {
  const details = new shared.WrongExpectedVersion();
  if ('wrongRevision' in reply) details.setCurrentStreamRevision(String(reply.wrongRevision));
  const name = 'error' in reply ? reply.error : 'WrongExpectedVersion';
  // google.rpc.Status{message = 2, details = 3: Any{type_url = 1, value = 2}}, by hand: its Any is not exported.
  const any = Buffer.concat([
    field(1, Buffer.from(`type.googleapis.com/event_store.client.${name}`)),
    field(2, Buffer.from('wrongRevision' in reply ? details.serializeBinary() : [])),
  ]);
  const parts = [field(2, Buffer.from(`scripted ${name}`)), ...(name === 'none' ? [] : [field(3, any)])];
  return status.Status.deserializeBinary(Buffer.concat(parts));
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}
