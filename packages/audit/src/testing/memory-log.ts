import { eventDefinitions } from '@perennial/domain';
import {
  createEventRegistry,
  decodeEvent,
  emptyHead,
  sealEvents,
  type AppendOutcome,
  type NewEvent,
  type RawEvent,
  type RecordedEvent,
  type StreamHead,
} from '@perennial/event-store';
import type { RootStore } from '../proof/published-roots.ts';
import { reading } from './sealed-log.ts';

const registry = createEventRegistry(eventDefinitions);

/** What roots need of an event store, in memory; seals and validates with the door's own functions. */
export type MemoryLog = RootStore & { readonly raw: RawEvent[] };

/** An empty log. */
export function createMemoryLog(): MemoryLog {
  const raw: RawEvent[] = [];
  const heads = new Map<string, StreamHead>();
  const headOf = (stream: string): StreamHead => heads.get(stream) ?? emptyHead(stream);
  const append = async (stream: string, head: StreamHead, events: readonly NewEvent[]): Promise<AppendOutcome> => {
    if (head.revision !== headOf(stream).revision) {
      return { kind: 'conflict', actualRevision: headOf(stream).revision };
    }
    const sealed = sealEvents(stream, head, events, registry);
    const first = raw.length + 1;
    const stored = sealed.events.map((event, index) => ({ ...event.raw, position: BigInt((first + index) * 100) }));
    raw.push(...stored);
    heads.set(stream, sealed.head);
    return {
      kind: 'appended',
      head: sealed.head,
      position: stored.at(-1)?.position ?? 0n,
      events: stored.map(decoded),
    };
  };
  return {
    raw,
    append,
    readHead: async (stream) => headOf(stream),
    readStream: (stream, options = {}) => mapped(ofStream(raw, stream, options)),
    readStreamRaw: (stream, options = {}) => reading(ofStream(raw, stream, options)),
    readAllRaw: () => reading([...raw]),
    lastPosition: async () => raw.at(-1)?.position,
  };
}

function ofStream(
  raw: readonly RawEvent[],
  stream: string,
  { direction, fromRevision = 0, maxCount }: Parameters<RootStore['readStream']>[1] & object,
): readonly RawEvent[] {
  const events = raw.filter((event) => event.stream === stream && event.revision >= fromRevision);
  return (direction === 'backwards' ? events.toReversed() : events).slice(0, maxCount);
}

async function* mapped(events: readonly RawEvent[]): AsyncGenerator<RecordedEvent, void, undefined> {
  yield* events.map(decoded);
}

function decoded(event: RawEvent): RecordedEvent {
  const result = decodeEvent(event, registry);
  if (result.kind === 'undecodable') throw result.event.error;
  return result.event;
}
