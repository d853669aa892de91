import { convertToCommandError, InvalidArgumentError, WrongExpectedVersionError } from '@eventstore/db-client';
import unpack from '@eventstore/db-client/dist/streams/appendToStream/unpackError.js';
import uuids from '@eventstore/db-client/dist/utils/grpcUUID.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { TimedOutError } from '../backoff.ts';
import type { DoorContext } from '../options.ts';
import { appendMessage, type WireAppend } from './append-message.ts';
import type { Connection } from './connection.ts';
import type { StreamsClient } from './internals.ts';

type AppendStream = ReturnType<StreamsClient['batchAppend']>;
type AppendResponse = InstanceType<typeof streams.BatchAppendResp>;

/** A server's answer to an append. Everything else is thrown. */
export type AppendReply =
  | { readonly kind: 'appended'; readonly revision: number; readonly position: bigint | undefined }
  | { readonly kind: 'wrong-revision'; readonly actualRevision: number };

/**
 * Sends appends over one long call and matches the answers to them. It replaces the client's `appendToStream`, whose
 * table of pending appends is shared by the process, never times out and throws on a late answer: here each call has its
 * own table, and the end of a call is the end of exactly the appends that were sent on it.
 */
export class AppendExchange {
  readonly #connection: Connection;
  readonly #context: DoorContext;
  #call: Promise<AppendCall> | undefined;
  #sent = 0;

  constructor(connection: Connection, context: DoorContext) {
    this.#connection = connection;
    this.#context = context;
  }

  /**
   * One attempt. A rejection with anything but a refusal of the server leaves the outcome unknown.
   * @throws TimedOutError, or the client's error for the answer or for the end of the call.
   */
  async send(append: WireAppend): Promise<AppendReply> {
    this.#sent += 1;
    const correlationId = `00000000-0000-4000-8000-${this.#sent.toString(16).padStart(12, '0')}`;
    const timeoutMs = this.#context.bounds.appendTimeoutMs;
    return await new Promise<AppendReply>((resolve, reject) => {
      const attempt: { call?: AppendCall; over: boolean } = { over: false };
      const timer = setTimeout(() => {
        settle(new TimedOutError(`an append to ${append.stream}`, timeoutMs));
        attempt.call?.giveUp(correlationId);
      }, timeoutMs);
      const settle = (reply: AppendReply | Error) => {
        attempt.over = true;
        clearTimeout(timer);
        if (reply instanceof Error) reject(reply);
        else resolve(reply);
      };
      const start = async () => {
        attempt.call = await this.#currentCall();
        // Connecting may have taken longer than the attempt: what nobody waits for is not sent.
        if (!attempt.over) attempt.call.send(correlationId, append, settle);
      };
      start().catch((error: unknown) => settle(error instanceof Error ? error : new Error(String(error))));
    });
  }

  async #currentCall(): Promise<AppendCall> {
    const call = (this.#call ??= this.#open());
    try {
      const opened = await call;
      if (!opened.over) return opened;
    } catch (error) {
      if (this.#call === call) this.#call = undefined;
      throw error;
    }
    if (this.#call === call) this.#call = undefined;
    return await this.#currentCall();
  }

  async #open(): Promise<AppendCall> {
    const stream = await this.#connection.open<AppendStream>('append', (service, ...args) =>
      service.batchAppend(...args),
    );
    return new AppendCall(stream, this.#context);
  }
}

/** One call, and the appends sent on it that have no answer yet. */
class AppendCall {
  readonly #stream: AppendStream;
  readonly #context: DoorContext;
  readonly #pending = new Map<string, { sentAt: number; settle: (reply: AppendReply | Error) => void }>();
  #heardAt = performance.now();
  over = false;

  constructor(stream: AppendStream, context: DoorContext) {
    this.#stream = stream;
    this.#context = context;
    stream.on('data', (response: AppendResponse) => this.#receive(response));
    stream.on('error', (error) => this.#end(convertToCommandError(error)));
    stream.on('end', () => this.#end(new Error('the server ended the append call')));
    stream.on('close', () => this.#end(new Error('the append call was closed')));
  }

  send(correlationId: string, append: WireAppend, settle: (reply: AppendReply | Error) => void): void {
    this.#pending.set(correlationId, { sentAt: performance.now(), settle });
    this.#stream.write(appendMessage(correlationId, append));
  }

  /** Nobody waits any longer. A call on which nothing was heard since is given up as a whole: it may be wedged. */
  giveUp(correlationId: string): void {
    const pending = this.#pending.get(correlationId);
    this.#pending.delete(correlationId);
    if (!pending || this.#heardAt > pending.sentAt) return;
    this.#stream.cancel();
    this.#end(new Error('the append call went silent'));
  }

  #receive(response: AppendResponse): void {
    this.#heardAt = performance.now();
    const correlationId = uuids.parseUUID(response.getCorrelationId()) ?? '';
    const pending = this.#pending.get(correlationId);
    this.#pending.delete(correlationId);
    if (!pending) return this.#context.onMetric({ kind: 'late-reply' });
    try {
      pending.settle(replyOf(response));
    } catch (error) {
      pending.settle(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #end(error: Error): void {
    if (this.over) return;
    this.over = true;
    for (const { settle } of this.#pending.values()) settle(error);
    this.#pending.clear();
  }
}

function replyOf(response: AppendResponse): AppendReply | Error {
  const success = response.getSuccess();
  if (success) {
    const position = success.getPosition();
    return {
      kind: 'appended',
      revision: success.hasCurrentRevision() ? Number(success.getCurrentRevision()) : -1,
      position: position ? BigInt(position.getCommitPosition()) : undefined,
    };
  }
  const status = response.getError();
  if (!status?.hasDetails())
    return new Error(`the server answered ${status?.getMessage() ?? 'neither success nor error'}`);
  // Two refusals of newer servers that the client would report as unknown errors, which are tried again.
  if (/\.(BadRequest|MaximumAppendEventSizeExceeded)$/.test(status.getDetails()?.getTypeName() ?? '')) {
    return new InvalidArgumentError(status.getMessage());
  }
  const stream = Buffer.from(response.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
  const error = unpack.unpackToCommandError(status, stream);
  if (!(error instanceof WrongExpectedVersionError)) return error;
  const actual = error.actualVersion;
  return { kind: 'wrong-revision', actualRevision: typeof actual === 'bigint' ? Number(actual) : -1 };
}
