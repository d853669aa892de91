import type { Readable } from 'node:stream';

/**
 * Takes messages from a gRPC stream one at a time: at once while some are there, else when the next comes. Not taking is
 * the backpressure: nothing more is asked from the server. (Half the cost of the stream's own async iterator.)
 */
export class MessageReader<Message extends object> {
  readonly #stream: Readable & { cancel(): void };
  #error: Error | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(stream: Readable & { cancel(): void }) {
    this.#stream = stream;
    stream.on('readable', () => this.#wakeUp());
    stream.on('end', () => this.#finish());
    stream.on('close', () => this.#finish());
    stream.on('error', (error: Error) => {
      this.#error ??= error;
      this.#finish();
    });
  }

  /** A message that is already here. */
  take(): Message | undefined {
    // The stream's deserialiser makes only messages of this kind.
    return (this.#stream.read() as Message | null) ?? undefined;
  }

  /** Messages that are already here, at most so many. */
  takeAll(countMax: number): readonly Message[] {
    const messages: Message[] = [];
    for (let message = this.take(); message; message = this.take()) {
      messages.push(message);
      if (messages.length === countMax) break;
    }
    return messages;
  }

  /**
   * Waits until `take` has something.
   * @returns `'ended'` when the server ended the stream, `'silent'` when nothing came within `timeoutMs` or `signal` aborted.
   * @throws the stream's error.
   */
  async wait(timeoutMs: number, signal?: AbortSignal): Promise<'readable' | 'ended' | 'silent'> {
    const waiting = { over: signal?.aborted ?? false };
    const stop = () => {
      waiting.over = true;
      this.#wakeUp();
    };
    const timer = setTimeout(stop, timeoutMs);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      while (this.#stream.readableLength === 0 && !this.#ended && !waiting.over) {
        const woken = new Promise<void>((resolve) => (this.#wake = resolve));
        this.#stream.read(0); // a stream announces its end only to those who read
        await woken;
      }
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
    if (this.#stream.readableLength > 0) return 'readable';
    if (this.#error) throw this.#error;
    return this.#ended ? 'ended' : 'silent';
  }

  cancel(): void {
    this.#stream.cancel();
  }

  #finish(): void {
    this.#ended = true;
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
