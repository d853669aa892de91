import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { Connection } from './connection.ts';
import { streamsRpc } from './generated.ts';
import { MessageFrames } from './message-frames.ts';
import { MessageReader } from './message-reader.ts';
import { readMessage, type ReadRequest } from './read-request.ts';
import { readReply, type ReadReply } from './read-reply.ts';
import type { OpenRead } from './replies.ts';

/** How many bytes the server may send before they are read. */
const windowBytes = 1024 * 1024;

const { path, requestSerialize } = streamsRpc.StreamsService.read;

/** A direct read that did not end well. Whatever the cause: the client, asked the same, meets it too and knows what it means. */
export class DirectReadError extends Error {
  override readonly name = 'DirectReadError';
}

/**
 * Opens a read on an HTTP/2 connection of its own to the node that the client found: for reads of many events, because a
 * message costs gRPC's client six times as much CPU as it costs here. What is handled here is the good case alone.
 * @returns nothing where the node is spoken to with TLS, or was not found yet: the client has to be asked.
 */
export function openDirectRead(connection: Connection, request: ReadRequest): OpenRead | undefined {
  const authority = connection.plainAuthority;
  if (authority === undefined) return undefined;
  const session = connect(`http://${authority}`, { settings: { enablePush: false, initialWindowSize: windowBytes } });
  session.on('error', () => {}); // its streams fail with it, and they are listened to
  session.once('connect', () => session.setLocalWindowSize(windowBytes));
  const stream = openStream(session, request);
  const forget = connection.onClose(() => session.destroy());
  const cancel = () => {
    forget();
    session.destroy();
  };
  return { reader: new DirectReader(stream, cancel), cancel };
}

function openStream(session: ClientHttp2Session, request: ReadRequest): ClientHttp2Stream {
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: path,
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'perennial',
    // As the client asks: a follower may be behind, and "nothing there" must be true.
    'requires-leader': 'true',
  });
  stream.on('error', () => {}); // the reader listens too; a late error must not end the process
  const message = requestSerialize(readMessage(request));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
  return stream;
}

/** Takes replies out of what comes over HTTP/2. */
class DirectReader extends MessageReader<ReadReply> {
  readonly #stream: ClientHttp2Stream;
  readonly #frames = new MessageFrames();
  #ready: ReadReply[] = [];
  #nextIndex = 0;
  /** gRPC's own, which comes after the last message, or alone with the headers. */
  #status: string | undefined;

  constructor(stream: ClientHttp2Stream, cancel: () => void) {
    super(Object.assign(stream, { cancel }));
    this.#stream = stream;
    const listen = (headers: Readonly<Record<string, unknown>>): void => {
      const status = headers['grpc-status'];
      if (typeof status === 'string') this.#status = status;
    };
    stream.on('response', listen);
    stream.on('trailers', listen);
  }

  override take(): ReadReply | undefined {
    while (this.#nextIndex === this.#ready.length) {
      // The stream has no encoding, so that it gives bytes.
      const bytes = this.#stream.read() as Buffer | null;
      if (bytes === null) return undefined;
      this.#ready = this.#frames.add(bytes).map(readReply);
      this.#nextIndex = 0;
    }
    return this.#ready[this.#nextIndex++];
  }

  /** @throws DirectReadError when it ended in any other way than the server saying that this is all */
  override async wait(timeoutMs: number, signal?: AbortSignal): Promise<'readable' | 'ended' | 'silent'> {
    const state = await super.wait(timeoutMs, signal);
    if (state === 'ended' && this.#status !== '0') {
      throw new DirectReadError(`the answer ended with ${this.#status ?? 'no status'}`);
    }
    return state;
  }
}
