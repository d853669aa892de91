interface Waiting<Entry> {
  entries: readonly Entry[];
  resolve: () => void;
}

/** Where groups go. `committed` runs after the sync and before any writer of the group is answered. */
export interface GroupCommitTarget<Entry> {
  commit(entries: readonly Entry[]): Promise<void>;
  committed(entries: readonly Entry[]): void;
  failed(error: unknown): void;
}

/**
 * One flush at a time, carrying everything that was queued while the one before it ran: the number of syncs stays
 * bounded while the number of writers grows. After a failed flush nobody is answered any more, because memory and disk
 * disagree; the target must end the process.
 */
export class GroupCommit<Entry> {
  readonly #target: GroupCommitTarget<Entry>;
  #queue: Waiting<Entry>[] = [];
  #scheduled = false;
  #running: Promise<void> | undefined;
  #failed = false;

  constructor(target: GroupCommitTarget<Entry>) {
    this.#target = target;
  }

  /** Resolves when these entries, and all queued before them, are durable. */
  add(entries: readonly Entry[]): Promise<void> {
    return new Promise((resolve) => {
      this.#queue.push({ entries, resolve });
      this.#schedule();
    });
  }

  /** Resolves when everything accepted so far is durable. */
  barrier(): Promise<void> {
    return this.#queue.length === 0 && !this.#running ? Promise.resolve() : this.add([]);
  }

  #schedule(): void {
    if (this.#scheduled || this.#running || this.#failed) return;
    this.#scheduled = true;
    // After the current batch of incoming messages: they share one sync.
    setImmediate(() => {
      this.#scheduled = false;
      this.#running = this.#flush();
    });
  }

  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue;
      this.#queue = [];
      const entries = group.flatMap((waiting) => waiting.entries);
      try {
        if (entries.length > 0) {
          await this.#target.commit(entries);
          this.#target.committed(entries);
        }
      } catch (error) {
        this.#failed = true;
        this.#target.failed(error);
        return;
      }
      for (const waiting of group) waiting.resolve();
    }
    this.#running = undefined;
  }
}
