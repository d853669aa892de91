import { TimedOutError, withTimeout } from '../backoff.ts';
import type { Connection } from './connection.ts';
import { openDirectRead } from './direct-read.ts';
import { MessageReader } from './message-reader.ts';
import { readMessage, type ReadRequest } from './read-request.ts';
import { readReply, type ReadReply } from './read-reply.ts';
import { streamsRpc } from './generated.ts';

/** As in the client's generated code, but for the replies, which are read here. */
const { path, requestSerialize } = streamsRpc.StreamsService.read;

/** A read call that is open. Leaving it early, in whatever way, cancels it at the server. */
export type OpenRead = {
  readonly reader: MessageReader<ReadReply>;
  cancel(): void;
};

/** Opens a read or a subscription; connecting may take `silenceMs`. */
export async function openRead(connection: Connection, request: ReadRequest, silenceMs: number): Promise<OpenRead> {
  const opening = connection.open('read', (service, ...args) =>
    service.makeServerStreamRequest(path, requestSerialize, readReply, readMessage(request), ...args),
  );
  try {
    const stream = await withTimeout(opening, silenceMs, 'connecting');
    return { reader: new MessageReader<ReadReply>(stream), cancel: () => stream.cancel() };
  } catch (error) {
    // Should it open after all, nobody will read it.
    opening.then(
      (stream) => stream.cancel(),
      () => {},
    );
    throw error;
  }
}

/** Replies are handed on together as they arrive: each step of an async generator costs as much as decoding a reply. */
const batchCountMax = 64;

/** How one attempt of a read is made. */
export type Attempt = {
  readonly silenceMs: number;
  /** Whether it may go past the client, see {@link openDirectRead}. */
  readonly direct: boolean;
};

/**
 * One attempt of a read: every reply until the server ends it, in batches that are never empty.
 * @throws TimedOutError after `silenceMs` without a message; DirectReadError; otherwise the client's error.
 */
export async function* repliesOnce(
  connection: Connection,
  request: ReadRequest,
  { silenceMs, direct }: Attempt,
): AsyncGenerator<readonly ReadReply[], void, undefined> {
  const open =
    (direct ? openDirectRead(connection, request) : undefined) ?? (await openRead(connection, request, silenceMs));
  const { reader } = open;
  try {
    for (;;) {
      const replies = reader.takeAll(batchCountMax);
      if (replies.length > 0) {
        yield replies;
        continue;
      }
      const state = await reader.wait(silenceMs);
      if (state === 'ended') return;
      if (state === 'silent') throw new TimedOutError('the next message', silenceMs);
    }
  } finally {
    open.cancel();
  }
}
