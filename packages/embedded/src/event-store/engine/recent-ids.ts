import type { WrittenAt } from './expected-revision.ts';

/**
 * The bounded memory behind weak idempotency: the events written last, by id. Two generations, so that forgetting
 * costs nothing per event; between `capacity / 2` and `capacity` ids are known at any time. Empty after a restart.
 */
export class RecentIds {
  #young = new Map<string, WrittenAt & { stream: string }>();
  #old = new Map<string, WrittenAt & { stream: string }>();
  readonly #generation: number;

  constructor(capacity: number) {
    this.#generation = Math.max(1, Math.floor(capacity / 2));
  }

  add(id: string, stream: string, revision: number, position: number): void {
    if (this.#young.size >= this.#generation) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(id, { stream, revision, position });
  }

  find(id: string, stream: string): WrittenAt | undefined {
    const written = this.#young.get(id) ?? this.#old.get(id);
    return written?.stream === stream ? { revision: written.revision, position: written.position } : undefined;
  }
}
