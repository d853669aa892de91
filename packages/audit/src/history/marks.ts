/**
 * What became of an event later: what was undone or corrected stays visible, and is marked (`domain.md 6.3`, retro;
 * `domain.md 6.2`, CorrectFact).
 *
 * @module
 */
import type { RecordedEvent } from '@perennial/event-store';
import { refOf, type EventRef } from '../log/log.ts';
import { dataOf } from '@perennial/domain';
import { fieldOf } from '../log/field-of.ts';

/** Says of an event that it was wrong; `correction`: what it should have said. */
export type Correction = EventRef & { readonly correction: Readonly<Record<string, unknown>> | null };

/** See the module's description. */
export type Marks = {
  /** The event that undid it. */
  undoneBy(eventId: string): EventRef | null;
  correctedBy(eventId: string): readonly Correction[];
};

/** Reads the marks off the events of one stream. */
export function marksOf(events: readonly RecordedEvent[]): Marks {
  const undone = new Map<string, EventRef>();
  const corrected = new Map<string, Correction[]>();
  for (const event of events) {
    for (const id of reversedBy(event)) undone.set(id, refOf(event));
    const correction = dataOf(event, 'FactCorrected');
    if (correction === undefined) continue;
    const said = { ...refOf(event), correction: correction.correction ?? null };
    corrected.set(correction.corrects, [...(corrected.get(correction.corrects) ?? []), said]);
  }
  return {
    undoneBy: (eventId) => undone.get(eventId) ?? null,
    correctedBy: (eventId) => corrected.get(eventId) ?? [],
  };
}

/** Ids of the events that an event undoes; any type may name them in `reverses`. */
export function reversedBy(event: Pick<RecordedEvent, 'data'>): readonly string[] {
  const reverses = fieldOf(event, 'reverses');
  return Array.isArray(reverses) ? reverses.filter((id): id is string => typeof id === 'string') : [];
}
