import type { Duplex, Readable } from 'node:stream';
import { EventStoreDBClient } from '@eventstore/db-client';
import { withTimeout } from '../backoff.ts';
import { EventStoreClosedError, EventStoreUrlError } from '../errors.ts';
import type { DoorContext } from '../options.ts';
import { checkEventStoreUrl } from '../url.ts';
import { openCall, type StreamsClient } from './internals.ts';

/**
 * The one client of the process. It reconnects by itself after most failures; when answers stay away for a whole row of
 * attempts it is thrown away with its connection and made anew, which also looks for the leader again.
 */
export class Connection {
  readonly #url: string;
  readonly #context: DoorContext;
  #client: EventStoreDBClient;
  #service: StreamsClient | undefined;
  /** Since when every attempt has failed, or the client was last replaced. */
  #unansweredSince: number | undefined;
  #closed = false;
  readonly #onClose = new Set<() => void>();

  constructor(url: string, context: DoorContext) {
    this.#url = checkEventStoreUrl(url);
    this.#context = context;
    this.#client = this.#createClient();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** `host:port` of the node that the client found, where it is spoken to without TLS; nothing before the first call. */
  get plainAuthority(): string | undefined {
    if (this.#closed || !isPlain(this.#url)) return undefined;
    return /^dns:(?:\/\/\/)?(?<authority>[^/]+:\d+)$/.exec(this.#service?.getChannel().getTarget() ?? '')?.groups?.[
      'authority'
    ];
  }

  /** Remembers what was opened beside the client and has to end with it; answers how to forget it. */
  onClose(end: () => void): () => void {
    this.#onClose.add(end);
    return () => this.#onClose.delete(end);
  }

  /** Opens a call; its errors reach its own listeners and never end the process. */
  async open<Stream extends Readable | Duplex>(
    name: string,
    create: (...args: Parameters<Parameters<typeof openCall<Stream>>[2]>) => Stream,
  ): Promise<Stream> {
    if (this.#closed) throw new EventStoreClosedError(name);
    const client = this.#client;
    return await openCall<Stream>(client, name, (service, ...args) => {
      if (client === this.#client) this.#service = service;
      return create(service, ...args);
    });
  }

  /** Any answer of the server, even a refusal. */
  succeeded(): void {
    this.#unansweredSince = undefined;
  }

  /** An attempt that ended without an answer. */
  failed(error: unknown): void {
    const now = performance.now();
    this.#unansweredSince ??= now;
    if (this.#closed || now - this.#unansweredSince < this.#context.bounds.unansweredBeforeReplacingMs) return;
    this.#unansweredSince = now;
    this.#context.logger.warn({ err: error }, 'the event store does not answer: connecting anew');
    this.#context.onMetric({ kind: 'client-replaced' });
    const { client, service } = { client: this.#client, service: this.#service };
    this.#service = undefined;
    this.#client = this.#createClient();
    void this.#discard(client, service);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const end of this.#onClose) end();
    await this.#discard(this.#client, this.#service);
  }

  /** The client's own `dispose` ends the calls but leaves the channel open, which keeps the process alive. */
  async #discard(client: EventStoreDBClient, service: StreamsClient | undefined): Promise<void> {
    try {
      await withTimeout(client.dispose(), 1_000, 'ending the calls');
    } catch (error) {
      this.#context.logger.debug({ err: error }, 'calls of the old client did not end in time');
    }
    service?.close();
  }

  #createClient(): EventStoreDBClient {
    try {
      return EventStoreDBClient.connectionString(this.#url);
    } catch (error) {
      throw new EventStoreUrlError('is refused by the client', { cause: error });
    }
  }
}

function isPlain(url: string): boolean {
  return /[?&]tls=false(?:&|$)/i.test(url);
}
