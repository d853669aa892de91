/** A queue between a reader and a writer: the reader waits when it is full, so that memory is bounded by `countMax`. */
export class BoundedBuffer<T> {
  readonly #items: T[] = [];
  readonly #countMax: number;
  #ended = false;
  #error: Error | undefined;
  #changed = deferred();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** Resolves when there is room for more; answers false once the buffer was ended. */
  async put(item: T): Promise<boolean> {
    while (this.#items.length >= this.#countMax && !this.#ended) await this.#changed.promise;
    if (this.#ended) return false;
    this.#items.push(item);
    this.#signal();
    return true;
  }

  /** No more items; `take` then answers what is left, and throws `error` if one is given. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#signal();
  }

  /** Up to `countMax` items, as soon as there is one; undefined after `idleMs` without any. Empty at the end. */
  async take(countMax: number, idleMs: number): Promise<T[] | undefined> {
    const idle = performance.now() + idleMs;
    while (this.#items.length === 0) {
      if (this.#ended) {
        if (this.#error !== undefined) throw this.#error;
        return [];
      }
      const left = idle - performance.now();
      if (left <= 0) return undefined;
      await this.#change(left);
    }
    const taken = this.#items.splice(0, countMax);
    this.#signal();
    return taken;
  }

  /** Adds to a batch what arrives within `lingerMs`, up to `countMax` items in all. */
  async fill(batch: T[], countMax: number, lingerMs: number): Promise<void> {
    const until = performance.now() + lingerMs;
    for (;;) {
      batch.push(...this.#items.splice(0, countMax - batch.length));
      this.#signal();
      const left = until - performance.now();
      if (batch.length >= countMax || this.#ended || left <= 0) return;
      await this.#change(left);
    }
  }

  async #change(waitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
    await Promise.race([this.#changed.promise, late]);
    clearTimeout(timer);
  }

  #signal(): void {
    const before = this.#changed;
    this.#changed = deferred();
    before.resolve();
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
