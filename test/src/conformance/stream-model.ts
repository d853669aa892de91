/** A small pure model of the streams: what the fuzz test expects of a server. Ids are short names. */

/** What a writer expects. */
export type Expected = 'any' | 'no_stream' | 'stream_exists' | number;

/** One step of a history. */
export type Operation =
  | { kind: 'append'; stream: number; ids: number[]; expected: Expected; unary: boolean }
  | { kind: 'maxCount'; stream: number; maxCount: number }
  | { kind: 'truncate'; stream: number; before: number }
  | { kind: 'delete'; stream: number; expected: Expected }
  | { kind: 'tombstone'; stream: number; expected: Expected };

/** What a step answers. */
export type Answer = { kind: 'ok'; revision?: number } | { kind: 'wrong'; actual: number } | { kind: 'deleted' };

/** What a reader sees of a stream: [revision, id] pairs. */
export type Content = { kind: 'events'; events: [number, number][] } | { kind: 'notFound' } | { kind: 'deleted' };

interface Stream {
  ids: number[];
  metadataCount: number;
  maxCount?: number;
  before: number;
  softDeleted: boolean;
  tombstoned: boolean;
}

/** The model; its methods mirror the server's operations. */
export class StreamModel {
  /** Every event of the log: stream, and id or what kind of metadata it is. */
  readonly log: [stream: number, what: number | 'metadata' | 'tombstone'][] = [];
  readonly #streams = new Map<number, Stream>();
  readonly #lastWritten = new Map<number, { stream: number; revision: number }>();

  apply(operation: Operation): Answer {
    const stream = this.#stream(operation.stream);
    if (stream.tombstoned) return { kind: 'deleted' };
    if (operation.kind === 'append') return this.#append(operation, stream);
    if (operation.kind === 'delete') return this.#delete(operation, stream);
    if (operation.kind === 'tombstone') return this.#tombstone(operation, stream);
    const { stream: number } = operation;
    return operation.kind === 'maxCount'
      ? this.#setMetadata(number, stream, { maxCount: operation.maxCount })
      : this.#setMetadata(number, stream, { before: operation.before });
  }

  read(number: number): Content {
    const stream = this.#stream(number);
    if (stream.tombstoned) return { kind: 'deleted' };
    if (stream.ids.length === 0 || stream.softDeleted) return { kind: 'notFound' };
    const byCount = stream.maxCount === undefined ? 0 : stream.ids.length - stream.maxCount;
    const first = Math.max(0, stream.before, byCount);
    const events = stream.ids.map((id, revision): [number, number] => [revision, id]);
    return { kind: 'events', events: events.slice(first) };
  }

  #stream(number: number): Stream {
    const known = this.#streams.get(number);
    if (known) return known;
    const fresh: Stream = { ids: [], metadataCount: 0, before: 0, softDeleted: false, tombstoned: false };
    this.#streams.set(number, fresh);
    return fresh;
  }

  #append({ stream: number, ids, expected }: Extract<Operation, { kind: 'append' }>, stream: Stream): Answer {
    const refusedOrRepeated = this.#check(number, stream, expected, ids);
    if (refusedOrRepeated) return refusedOrRepeated;
    const first = stream.ids.length;
    for (const id of ids) {
      this.#lastWritten.set(id, { stream: number, revision: stream.ids.length });
      stream.ids.push(id);
      this.log.push([number, id]);
    }
    if (stream.softDeleted) this.#revive(number, stream, first);
    return { kind: 'ok', revision: stream.ids.length - 1 };
  }

  #delete({ stream: number, expected }: Extract<Operation, { kind: 'delete' }>, stream: Stream): Answer {
    const refused = this.#check(number, stream, expected, [-1]);
    if (refused) return refused;
    if (stream.ids.length === 0 && stream.metadataCount === 0) return { kind: 'wrong', actual: -1 };
    stream.softDeleted = true;
    delete stream.maxCount;
    this.#logMetadata(number, stream);
    return { kind: 'ok' };
  }

  #tombstone({ stream: number, expected }: Extract<Operation, { kind: 'tombstone' }>, stream: Stream): Answer {
    const refused = this.#check(number, stream, expected, [-1]);
    if (refused) return refused;
    stream.tombstoned = true;
    this.log.push([number, 'tombstone']);
    return { kind: 'ok' };
  }

  #setMetadata(
    number: number,
    stream: Stream,
    { maxCount, before = 0 }: { maxCount?: number; before?: number },
  ): Answer {
    delete stream.maxCount;
    if (maxCount !== undefined) stream.maxCount = maxCount;
    stream.before = before;
    this.#logMetadata(number, stream);
    if (stream.softDeleted) this.#revive(number, stream, stream.ids.length);
    return { kind: 'ok' };
  }

  #revive(number: number, stream: Stream, from: number): void {
    stream.softDeleted = false;
    stream.before = from;
    this.#logMetadata(number, stream);
  }

  #logMetadata(number: number, stream: Stream): void {
    stream.metadataCount += 1;
    this.log.push([number, 'metadata']);
  }

  /** Undefined: write. */
  #check(number: number, stream: Stream, expected: Expected, ids: number[]): Answer | undefined {
    const last = stream.ids.length - 1;
    const wrong: Answer = { kind: 'wrong', actual: last };
    if (expected === 'stream_exists') {
      if (stream.softDeleted) return { kind: 'deleted' };
      if (last < 0 && stream.metadataCount === 0) return wrong;
    }
    if (expected === 'any' || expected === 'stream_exists') {
      const known = ids.map((id) => this.#lastWritten.get(id)).map((at) => (at?.stream === number ? at.revision : -1));
      if (known[0] === undefined || known[0] < 0) return undefined;
      return known.includes(-1) ? wrong : { kind: 'ok', revision: known.at(-1) ?? -1 };
    }
    const revision = expected === 'no_stream' ? -1 : expected;
    if (revision === last) return undefined;
    if (revision > last) return wrong;
    const same = ids.map((id, index) => stream.ids[revision + 1 + index] === id);
    if (same.every(Boolean)) return { kind: 'ok', revision: revision + ids.length };
    return same[0] !== true && expected === 'no_stream' && stream.softDeleted ? undefined : wrong;
  }
}
