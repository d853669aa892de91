import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { EngineError } from '../../engine-error.ts';
import { messageOf } from '../errors.ts';
import { FIRST_POSITION } from './positions.ts';
import { isRecord } from './record.ts';

/** One event ready to be stored. */
export interface NewEntry {
  position: number;
  streamId: number;
  /** The stream's name, given only with the first event of a new stream. */
  newStream?: string;
  revision: number;
  value: Buffer;
}

/** A stored event: its position and its encoded value (`record.ts`). */
export interface StoredEvent {
  position: number;
  value: Buffer;
}

/** Bounds of one page of a read. */
export interface PageLimits {
  events: number;
  bytes: number;
}

/**
 * The data file. Three tables, and nothing in them that could disagree:
 * `log`: position → event · `index`: [stream id, revision] → position · `streams`: name → stream id.
 * Positions are byte offsets of a log that is never rewritten, so each one is where the event before it ended.
 */
export class LmdbStore {
  readonly #root: RootDatabase;
  readonly #log: Database<Buffer, number>;
  readonly #index: Database<number, [number, number]>;
  readonly #streams: Database<number, string>;
  /** Where the next event goes. */
  readonly end: number;
  /** The largest stream id given out so far, 0 for none. */
  readonly lastStreamId: number;

  private constructor(path: string) {
    // overlappingSync off: a commit is announced only when it has been synced, never before.
    this.#root = open({ path, overlappingSync: false, maxDbs: 3, encoding: 'binary' });
    this.#log = this.#root.openDB('log', { encoding: 'binary' });
    this.#index = this.#root.openDB('index', { encoding: 'ordered-binary' });
    this.#streams = this.#root.openDB('streams', { encoding: 'ordered-binary' });
    this.end = this.#readEnd();
    this.lastStreamId = this.#readLastStreamId();
  }

  /** Opens or creates the data file; DATA_FILE_DAMAGED when it cannot be one of ours. */
  static open(directory: string): LmdbStore {
    const path = join(directory, 'events.mdb');
    try {
      return new LmdbStore(path);
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw new EngineError(
        'DATA_FILE_DAMAGED',
        `The event store's data file ${path} cannot be read (${messageOf(error)}); restore it from a backup or move it away.`,
        { cause: error },
      );
    }
  }

  /** Writes all entries in one transaction; resolves when they are synced to the disk. */
  async commit(entries: readonly NewEntry[]): Promise<void> {
    await this.#root.batch(() => {
      for (const { position, streamId, newStream, revision, value } of entries) {
        void this.#log.put(position, value);
        void this.#index.put([streamId, revision], position);
        if (newStream !== undefined) void this.#streams.put(newStream, streamId);
      }
    });
  }

  streamId(name: string): number | undefined {
    return this.#streams.get(name);
  }

  /** The last event of a stream. */
  lastEvent(streamId: number): { revision: number; position: number } | undefined {
    const range = { start: [streamId, Infinity] as [number, number], end: [streamId, -1] as [number, number] };
    for (const { key, value } of this.#index.getRange({ ...range, reverse: true, limit: 1 })) {
      return { revision: key[1], position: value };
    }
    return undefined;
  }

  positionOf(streamId: number, revision: number): number | undefined {
    return this.#index.get([streamId, revision]);
  }

  /** The event at exactly this position. */
  event(position: number): Buffer | undefined {
    return this.#log.get(position);
  }

  /** Events after `position` (exclusive), oldest first. */
  logAfter(position: number, limits: PageLimits): StoredEvent[] {
    return this.#logPage({ start: position, exclusiveStart: true, limit: limits.events }, limits);
  }

  /** Events before `position` (exclusive), newest first. */
  logBefore(position: number, limits: PageLimits): StoredEvent[] {
    return this.#logPage({ start: position, exclusiveStart: true, reverse: true, limit: limits.events }, limits);
  }

  /** Events of a stream from revision `first` to `last`, both inclusive, in reading order. */
  streamPage(streamId: number, first: number, last: number, reverse: boolean, limits: PageLimits): StoredEvent[] {
    const start: [number, number] = [streamId, first];
    const end: [number, number] = [streamId, last];
    const page: StoredEvent[] = [];
    let bytes = 0;
    for (const { value: position } of this.#index.getRange({
      start,
      end,
      inclusiveEnd: true,
      reverse,
      limit: limits.events,
    })) {
      const value = this.#log.get(position);
      if (!value) throw damaged(`the index names position ${position}, where no event is`);
      page.push({ position, value });
      bytes += value.length;
      if (bytes >= limits.bytes) break;
    }
    return page;
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  #logPage(range: { start: number; exclusiveStart: true; reverse?: true; limit: number }, limits: PageLimits) {
    const page: StoredEvent[] = [];
    let bytes = 0;
    for (const { key: position, value } of this.#log.getRange(range)) {
      page.push({ position, value });
      bytes += value.length;
      if (bytes >= limits.bytes) break;
    }
    return page;
  }

  #readEnd(): number {
    for (const { key, value } of this.#log.getRange({ reverse: true, limit: 1 })) {
      if (typeof key !== 'number' || !isRecord(value)) throw damaged('its last event is unreadable');
      return key + value.length;
    }
    return FIRST_POSITION;
  }

  #readLastStreamId(): number {
    for (const key of this.#index.getKeys({ reverse: true, limit: 1 })) return key[0];
    return 0;
  }
}

function damaged(what: string): EngineError {
  return new EngineError(
    'DATA_FILE_DAMAGED',
    `The event store's data file is damaged: ${what}; restore it from a backup.`,
  );
}
