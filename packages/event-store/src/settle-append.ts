import { createBackoff } from './backoff.ts';
import type { AppendExchange, AppendReply } from './client/append-exchange.ts';
import type { WireAppend } from './client/append-message.ts';
import type { Connection } from './client/connection.ts';
import { EventStoreClosedError, EventStoreIncompatibleError, EventStoreUnavailableError } from './errors.ts';
import { classifyFailure } from './failure-class.ts';
import type { DoorContext } from './options.ts';
import type { StreamReader } from './read.ts';
import { translateFailure } from './translate.ts';

/** What became of an append. */
export type SettledAppend = { readonly attempts: number } & (
  | { readonly kind: 'stored'; readonly position: bigint }
  | { readonly kind: 'conflict'; readonly actualRevision: number }
);

/** Sends an append until its outcome is known. */
export class AppendSettler {
  readonly #connection: Connection;
  readonly #exchange: AppendExchange;
  readonly #reader: StreamReader;
  readonly #context: DoorContext;

  constructor(connection: Connection, exchange: AppendExchange, reader: StreamReader, context: DoorContext) {
    this.#connection = connection;
    this.#exchange = exchange;
    this.#reader = reader;
    this.#context = context;
  }

  /**
   * Sends the identical bytes again after every attempt without an answer. With an exact expected revision and the same
   * ids the server recognises its own: a repeat is never stored twice.
   * @throws EventStoreUnavailableError when no attempt was answered; whether it is stored is then unknown.
   */
  async settle(append: WireAppend): Promise<SettledAppend> {
    const { bounds, logger, onMetric } = this.#context;
    const action = `append to ${append.stream}`;
    const backoff = createBackoff(bounds);
    for (let attempts = 1; ; attempts += 1) {
      if (this.#connection.closed) throw new EventStoreClosedError(action);
      try {
        const reply = await this.#exchange.send(append);
        this.#connection.succeeded();
        return { attempts, ...(await this.#conclude(append, reply, attempts > 1)) };
      } catch (error) {
        if (classifyFailure(error) !== 'transient') throw translateFailure(error, action, append.stream);
        this.#connection.failed(error);
        logger.debug({ err: error, stream: append.stream, attempts }, 'outcome of an append unknown');
        if (attempts >= bounds.appendAttemptCountMax) {
          const reason = `no answer in ${attempts} attempts, so whether it is stored is unknown`;
          throw new EventStoreUnavailableError(action, reason, { cause: error });
        }
      }
      onMetric({ kind: 'append-resent' });
      await backoff.pause();
    }
  }

  async #conclude(append: WireAppend, reply: AppendReply, resent: boolean) {
    const lastRevision = append.expectedRevision + append.events.length;
    if (reply.kind === 'appended') {
      if (reply.revision !== lastRevision) {
        const what = `after an append that ends at ${append.stream}@${lastRevision} the server reports revision ${reply.revision}`;
        throw new EventStoreIncompatibleError(what);
      }
      const position = reply.position ?? (await this.#positionOfOurs(append));
      if (position === undefined)
        throw new EventStoreIncompatibleError('the server cannot find what it says it stored');
      return { kind: 'stored', position } as const;
    }
    // An earlier attempt may be stored although its answer was lost, and a server need not recognise the repeat (the
    // stream may have been truncated since): only the stored ids say whose events these are.
    if (resent && reply.actualRevision >= lastRevision) {
      const position = await this.#positionOfOurs(append);
      if (position !== undefined) return { kind: 'stored', position } as const;
    }
    return { kind: 'conflict', actualRevision: reply.actualRevision } as const;
  }

  /** The position of our last event, if what follows the expected revision is ours. */
  async #positionOfOurs(append: WireAppend): Promise<bigint | undefined> {
    const options = { fromRevision: append.expectedRevision + 1, maxCount: append.events.length };
    const storedIds: string[] = [];
    let position: bigint | undefined;
    for await (const events of this.#reader.readStream(append.stream, options)) {
      storedIds.push(...events.map(({ id }) => id));
      position = events.at(-1)?.position;
    }
    return storedIds.join() === append.events.map((event) => event.id).join() ? position : undefined;
  }
}
