import { UndecodableEventError, type EventStore, type RecordedEvent } from '@perennial/event-store';
import type { LogItem } from '../projection/log-item.ts';

/** What a test appends. */
export type TestEvent = {
  readonly stream: string;
  readonly type: string;
  readonly data: unknown;
  readonly effectiveAt?: string;
  /** As if this release could not read it. */
  readonly undecodable?: boolean;
};

const start = Date.parse('2027-01-01T00:00:00.000Z');

/** A log in memory: the part of the door that projections use. Positions have gaps, as the real ones do. */
export class MemoryLog implements Pick<EventStore, 'readAll' | 'readStream' | 'lastPosition'> {
  readonly items: LogItem[] = [];
  readonly #heads = new Map<string, number>();
  /** Reads of single streams, to see what was healed. */
  streamReadCount = 0;

  append(...events: readonly TestEvent[]): readonly LogItem[] {
    const from = this.items.length;
    for (const event of events) this.items.push(this.#toItem(event));
    return this.items.slice(from);
  }

  /** What an upgrade does: events that could not be read now can. */
  makeDecodable(type: string, data: unknown): void {
    for (const [index, item] of this.items.entries()) {
      if (item.kind !== 'undecodable' || item.event.type !== type) continue;
      const { stream, revision, position } = item.event;
      this.items[index] = { kind: 'event', event: recorded({ stream, type, data }, revision, position) };
    }
  }

  async *readStream(
    stream: string,
    options: { readonly fromRevision?: number; readonly maxCount?: number } = {},
  ): AsyncGenerator<RecordedEvent> {
    this.streamReadCount += 1;
    const { fromRevision = 0, maxCount = Number.MAX_SAFE_INTEGER } = options;
    const wanted = this.items.filter(({ event }) => event.stream === stream && event.revision >= fromRevision);
    for (const item of wanted.slice(0, maxCount)) {
      await Promise.resolve();
      if (item.kind === 'undecodable') throw item.event.error;
      yield item.event;
    }
  }

  async *readAll(options: { readonly after?: bigint; readonly maxCount?: number } = {}): AsyncGenerator<LogItem> {
    const { after = -1n, maxCount = Number.MAX_SAFE_INTEGER } = options;
    for (const item of this.items.filter(({ event }) => event.position > after).slice(0, maxCount)) {
      await Promise.resolve();
      yield item;
    }
  }

  lastPosition(): Promise<bigint | undefined> {
    return Promise.resolve(this.items.at(-1)?.event.position);
  }

  #toItem(event: TestEvent): LogItem {
    const revision = (this.#heads.get(event.stream) ?? -1) + 1;
    this.#heads.set(event.stream, revision);
    const position = BigInt(this.items.length === 0 ? 7 : Number(this.items.at(-1)?.event.position) + 13);
    if (!event.undecodable) return { kind: 'event', event: recorded(event, revision, position) };
    const { stream, type, data } = event;
    const error = new UndecodableEventError({ stream, revision, type }, 'unknown-type', 'no definition has this type');
    const rawData = Buffer.from(JSON.stringify(data));
    const rawMetadata = Buffer.from('{}');
    const at = { stream, revision, position, id: `event-${position}`, type };
    return { kind: 'undecodable', event: { ...at, rawData, rawMetadata, error } };
  }
}

/** An event as the door reads it. */
export function recorded(event: TestEvent, revision: number, position: bigint): RecordedEvent {
  const recordedAt = new Date(start + Number(position) * 1000).toISOString();
  return {
    stream: event.stream,
    revision,
    position,
    id: `00000000-0000-5000-8000-${position.toString().padStart(12, '0')}`,
    type: event.type,
    // As it would come back from the store: plain JSON.
    data: JSON.parse(JSON.stringify(event.data)) as unknown,
    metadata: {
      schemaVersion: 1,
      effectiveAt: event.effectiveAt ?? recordedAt,
      recordedAt,
      actor: { type: 'system', id: 'test', roles: [] },
      commandId: `command-${position}`,
      $correlationId: 'test',
      $causationId: 'test',
      policy: 'direct-mosa-2020@1',
      prevHash: '',
      hash: '',
    },
  };
}
