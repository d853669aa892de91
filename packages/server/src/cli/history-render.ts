/**
 * Histories for people.
 *
 * @module
 */
import type { HistoryEvents } from './history-sources.ts';
import { table } from './output.ts';

type Entry = HistoryEvents['events'][number];
type People = HistoryEvents['people'];

/** A table of events, oldest first. */
export async function renderHistory(events: readonly Entry[], people: People): Promise<string> {
  if (events.length === 0) return 'Nothing happened in that time.';
  return table(
    ['#', 'event', 'effective', 'recorded', 'by', 'because', 'data'],
    events.map((entry) => [
      entry.revision,
      `${entry.type}${marksOf(entry)}`,
      entry.effectiveAt,
      entry.recordedAt,
      whoOf(entry.actor),
      whyOf(entry),
      dataOf(entry, people),
    ]),
  );
}

/** One event on one line. */
export function historyLine(entry: Entry, people: People): string {
  return `${entry.revision}  ${entry.effectiveAt}  ${entry.type}  ${whoOf(entry.actor)}  ${dataOf(entry, people)}`;
}

/** What became of it: below its type. */
function marksOf({ undoneBy, correctedBy }: Entry): string {
  return [
    ...(undoneBy === null ? [] : [`\n  undone by #${undoneBy.revision}`]),
    ...correctedBy.map(({ revision }) => `\n  corrected by #${revision}`),
  ].join('');
}

/** The chain of causes, one to a line. */
function whyOf({ because }: Entry): string {
  return because
    .map((cause) => {
      if (cause.kind === 'deadline') return `${cause.deadline} due`;
      if (cause.kind === 'event') return `#${cause.event.revision} ${cause.event.type}`;
      if (cause.kind === 'payment') return `${cause.fact} ${cause.provider}/${cause.object}`;
      return `${whoOf(cause.actor)}${cause.command === null ? '' : ` ${cause.command}`}`;
    })
    .join('\n');
}

function whoOf(actor: Entry['actor']): string {
  return `${actor.type}:${actor.userId ?? actor.id}`;
}

/** The data in short: one field to a line, people by their user ids. */
function dataOf({ data }: Entry, people: People): string {
  return Object.entries(data)
    .map(([name, value]) => {
      const text = typeof value === 'string' ? (people[value] ?? value) : JSON.stringify(value);
      return `${name}: ${text.length > 60 ? `${text.slice(0, 59)}…` : text}`;
    })
    .join('\n');
}
