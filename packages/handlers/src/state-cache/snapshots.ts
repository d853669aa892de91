import { setImmediate as nextTurn } from 'node:timers/promises';
import { checksumOf, openRecord, recordKinds, sealRecord, type RecordDatabase } from './cache-records.ts';
import type { CachedState } from './state-cache.ts';
import type { StatePart, StatePartsCodec } from './subscription-parts.ts';

/** The parts that are on disk: by identity, with the checksum of what was written. Filled while a snapshot is written. */
export type KeptParts = { readonly checksums: Map<object, { readonly index: number; readonly checksum: number }> };

type Snapshot = {
  readonly revision: number;
  readonly hash: string;
  readonly recordedAt: string;
  readonly position: string;
  readonly layout: unknown;
  readonly checksums: readonly number[];
};

/** Parts that are encoded before other work gets its turn. */
const partsPerTurn = 16;

/** Reads a snapshot; undefined when there is none. Everything is read and checked here, and parsed when it is needed. */
export function readSnapshot<State>(
  records: RecordDatabase,
  codec: StatePartsCodec<State>,
  stream: string,
): { readonly cached: CachedState<State>; readonly parts: KeptParts } | 'damaged' | undefined {
  const record = records.get([stream, recordKinds.snapshot, 0]);
  if (record === undefined) return undefined;
  // Its checksum is right, so it is what `commit` of this build wrote.
  const snapshot = openRecord(record) as Snapshot | undefined;
  if (snapshot === undefined) return 'damaged';
  const contents = new Map<number, Buffer>();
  for (const [index, checksum] of snapshot.checksums.entries()) {
    const content = records.get([stream, recordKinds.part, index]);
    if (content === undefined || checksumOf(content) !== checksum) return 'damaged';
    contents.set(index, content);
  }
  const state = codec.join(snapshot.layout, (index) => {
    const content = String(contents.get(index));
    // Asked for once: what is parsed need not be kept twice.
    contents.delete(index);
    return JSON.parse(content) as unknown;
  });
  const { revision, hash, recordedAt, position } = snapshot;
  const checksums: KeptParts['checksums'] = new Map();
  for (const [index, { identity }] of codec.partsOf(state).entries()) {
    checksums.set(identity, { index, checksum: snapshot.checksums[index] ?? 0 });
  }
  return {
    cached: { state, head: { revision, hash, recordedAt }, position: BigInt(position) },
    parts: { checksums },
  };
}

/** How one snapshot is written. */
export type SnapshotWriting = {
  /** The parts that are on disk already. */
  readonly previous: KeptParts | undefined;
  /** Whether what is on disk still is what `previous` says. */
  readonly isCurrent: () => boolean;
  readonly onFailure: (error: unknown) => void;
};

/** Writes snapshots: encoded bit by bit between other work, and all of it in one transaction. */
export class SnapshotWriter<State> {
  readonly #records: RecordDatabase;
  readonly #codec: StatePartsCodec<State>;
  readonly #writing = new Map<string, Promise<void>>();

  constructor(records: RecordDatabase, codec: StatePartsCodec<State>) {
    this.#records = records;
    this.#codec = codec;
  }

  isWriting(stream: string): boolean {
    return this.#writing.has(stream);
  }

  async finished(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  /** Begins to write; answers what will be on disk, undefined when one of this stream is being written already. */
  write(stream: string, cached: CachedState<State>, writing: SnapshotWriting): KeptParts | undefined {
    if (this.#writing.has(stream)) return undefined;
    const kept: KeptParts = { checksums: new Map() };
    const written = this.#write(stream, cached, { ...writing, kept })
      .catch(writing.onFailure)
      .finally(() => this.#writing.delete(stream));
    this.#writing.set(stream, written);
    return kept;
  }

  async #write(
    stream: string,
    cached: CachedState<State>,
    { previous, kept, isCurrent }: SnapshotWriting & { readonly kept: KeptParts },
  ): Promise<void> {
    const changed: { index: number; bytes: Buffer }[] = [];
    const checksums: number[] = [];
    for (const [index, part] of this.#codec.partsOf(cached.state).entries()) {
      const known = previous?.checksums.get(part.identity);
      const bytes = known?.index === index ? undefined : encoded(part);
      const checksum = bytes === undefined ? (known?.checksum ?? 0) : checksumOf(bytes);
      checksums.push(checksum);
      kept.checksums.set(part.identity, { index, checksum });
      if (bytes === undefined) continue;
      changed.push({ index, bytes });
      if (changed.length % partsPerTurn === 0) await nextTurn();
    }
    if (isCurrent()) await this.#commit(stream, cached, { changed, checksums });
  }

  /** One transaction: a process that is killed leaves the old snapshot with its events, or the new one. */
  async #commit(
    stream: string,
    { state, head, position }: CachedState<State>,
    { changed, checksums }: { readonly changed: { index: number; bytes: Buffer }[]; readonly checksums: number[] },
  ): Promise<void> {
    const layout = this.#codec.layoutOf(state);
    const snapshot = { ...head, position: String(position), layout, checksums } satisfies Snapshot;
    await this.#records.batch(() => {
      for (const { index, bytes } of changed) void this.#records.put([stream, recordKinds.part, index], bytes);
      void this.#records.put([stream, recordKinds.snapshot, 0], sealRecord(snapshot));
      const start = [stream, recordKinds.event, 0];
      for (const key of this.#records.getKeys({ start, end: [stream, recordKinds.event, head.revision + 1] })) {
        void this.#records.remove(key);
      }
    });
  }
}

function encoded({ content }: StatePart): Buffer {
  return Buffer.from(JSON.stringify(content()));
}
