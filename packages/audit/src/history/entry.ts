import { parseStream, subscriptionStream } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { refOf, type EventRef } from '../log/log.ts';
import type { StreamMemory } from '../log/stream-memory.ts';
import { fieldOf } from '../log/field-of.ts';
import { commandOf, type Because } from './because.ts';
import { explainEvents } from './explain-event.ts';
import { marksOf, type Correction } from './marks.ts';
import { causeInPaymentStream } from './payment-cause.ts';

/** An event in a history: what, who, effective when and recorded when are in `event`; why, and what became of it. */
export type HistoryEntry = {
  readonly event: RecordedEvent;
  /** Causes, the nearest first; the last is the payment or the person that it began with. */
  readonly because: readonly Because[];
  /** The event that undid it; null while it holds. */
  readonly undoneBy: EventRef | null;
  readonly correctedBy: readonly Correction[];
};

/** Makes entries of events of any stream. */
export type EntryMaker = (event: RecordedEvent) => Promise<HistoryEntry>;

/** @param knownAt counts only what was recorded by then */
export function entryMaker(streams: StreamMemory, knownAt?: string): EntryMaker {
  const ofStream = new Map<string, Promise<EntryMaker>>();
  return async (event) => {
    if (parseStream(event.stream)?.kind !== 'subscription') {
      return { event, because: await causesElsewhere(event, streams), undoneBy: null, correctedBy: [] };
    }
    let maker = ofStream.get(event.stream);
    if (maker === undefined) {
      maker = streams.read(event.stream).then((all) => subscriptionEntries(upTo(all, knownAt), streams));
      ofStream.set(event.stream, maker);
    }
    return (await maker)(event);
  };
}

/** What was found out about the events of a stream, for as long as they are kept: pages follow one another. */
const makers = new WeakMap<readonly RecordedEvent[], EntryMaker>();

/** Entries of one subscription. @param events of its stream, from the beginning */
export function subscriptionEntries(events: readonly RecordedEvent[], streams: StreamMemory): EntryMaker {
  const known = makers.get(events);
  if (known !== undefined) return known;
  const maker = makeEntries(events, streams);
  makers.set(events, maker);
  return maker;
}

function makeEntries(events: readonly RecordedEvent[], streams: StreamMemory): EntryMaker {
  const marks = marksOf(events);
  const explain = explainEvents(events, streams);
  return async (event) => ({
    event,
    because: await explain(event),
    undoneBy: marks.undoneBy(event.id),
    correctedBy: marks.correctedBy(event.id),
  });
}

/** What was recorded by then: the beginning of a stream, because `recordedAt` never goes back in it. */
export function upTo(events: readonly RecordedEvent[], knownAt: string | undefined): readonly RecordedEvent[] {
  if (knownAt === undefined) return events;
  const end = events.findIndex(({ metadata }) => metadata.recordedAt > knownAt);
  return end < 0 ? events : events.slice(0, end);
}

async function causesElsewhere(event: RecordedEvent, streams: StreamMemory): Promise<readonly Because[]> {
  const named = fieldOf(event, 'command');
  const asked = commandOf(event, typeof named === 'string' ? named : null);
  const stream = parseStream(event.stream);
  if (stream?.kind === 'seat') {
    const { tenant, subscriptionId } = stream;
    const holding = fieldOf(event, 'heldSince');
    const assigned = (await streams.read(subscriptionStream(tenant, subscriptionId))).find(
      ({ revision }) => revision === holding,
    );
    return assigned === undefined ? [asked] : [asked, { kind: 'event', event: refOf(assigned) }];
  }
  if (stream?.kind !== 'payment') return [asked];
  const earlier = await streams.read(event.stream);
  const causes = causeInPaymentStream(event, earlier);
  return causes.length > 0 ? causes : [asked];
}
