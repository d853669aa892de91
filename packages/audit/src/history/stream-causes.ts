/**
 * What of a subscription's events can be told from its own stream: which belong to one decision, which happened because
 * time passed, and which event had set that deadline.
 *
 * @module
 */
import {
  deadlinesOf,
  evolveHeader,
  nextDeadline,
  type Deadline,
  type SubscriptionHeader,
  asSubscriptionEvent,
} from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { fieldOf } from '../log/field-of.ts';

/** The deadline behind an event; `setBy` is the revision of the event that had set it. */
export type DueDeadline = { readonly deadline: Deadline; readonly setBy: number | null };

/** See the module's description. */
export type StreamCauses = {
  deadlineOf(event: RecordedEvent): DueDeadline | null;
  /** All events of the decision, in order. */
  decisionOf(event: RecordedEvent): readonly RecordedEvent[];
};

/** Types that never change what lies ahead: not looking at them saves most of the time where there are many seats. */
const withoutDeadlines: ReadonlySet<string> = new Set([
  'LicenseAssigned',
  'LicenseUnassigned',
  'LicenseMoved',
  'NoteAdded',
]);

/** @param events of one subscription's stream, from its beginning */
export function streamCauses(events: readonly RecordedEvent[]): StreamCauses {
  const deadlines = new Map<number, DueDeadline>();
  const firstOfDecision: number[] = [];
  const setBy = new Map<string, number>();
  let header: SubscriptionHeader | null = null;
  let previous: RecordedEvent | undefined;
  for (const [index, event] of events.entries()) {
    const isFirst = previous === undefined || !isSameDecision(previous, event);
    firstOfDecision.push(isFirst ? index : (firstOfDecision[index - 1] ?? index));
    const due = dueDeadline(header, event, isFirst || previous === undefined ? undefined : deadlines.get(index - 1));
    if (due) deadlines.set(index, { deadline: due, setBy: setBy.get(keyOf(due)) ?? null });
    previous = event;
    // A stream that does not begin as it should is still shown.
    if (header === null && event.type !== 'SubscriptionCreated') continue;
    const before: SubscriptionHeader | null = header;
    header = evolveHeader(before, asSubscriptionEvent(event));
    if (!withoutDeadlines.has(event.type)) noteDeadlines(setBy, before, header, event);
  }
  const first = events[0]?.revision ?? 0;
  return {
    deadlineOf: ({ revision }) => deadlines.get(revision - first) ?? null,
    decisionOf: ({ revision }) => {
      const begin = firstOfDecision[revision - first] ?? 0;
      const end = firstOfDecision.findIndex((start, index) => index > revision - first && start === index);
      return events.slice(begin, end < 0 ? undefined : end);
    },
  };
}

function isSameDecision(a: RecordedEvent, b: RecordedEvent): boolean {
  return a.metadata.commandId === b.metadata.commandId && b.metadata.commandHash === undefined;
}

/** Deadlines fire at their own instant. What a payment or a command says of itself has another cause. */
function dueDeadline(
  header: SubscriptionHeader | null,
  event: RecordedEvent,
  ofPrevious: DueDeadline | undefined,
): Deadline | null {
  if (header === null || fieldOf(event, 'fact') !== undefined || fieldOf(event, 'command') !== undefined) return null;
  const { effectiveAt } = event.metadata;
  if (event.type === 'ExpiryReversed') return null;
  if (ofPrevious?.deadline.at === effectiveAt) return ofPrevious.deadline;
  const next = nextDeadline(header);
  return next?.at === effectiveAt ? next : null;
}

function noteDeadlines(
  setBy: Map<string, number>,
  before: SubscriptionHeader | null,
  after: SubscriptionHeader,
  event: RecordedEvent,
): void {
  const known = new Set(before === null ? [] : deadlinesOf(before).map(keyOf));
  for (const deadline of deadlinesOf(after)) {
    const key = keyOf(deadline);
    // A reversal puts back what another event had set.
    const isRestored = event.type === 'ExpiryReversed' && setBy.has(key);
    if (!known.has(key) && !isRestored) setBy.set(key, event.revision);
  }
}

function keyOf({ kind, at }: Deadline): string {
  return `${kind} ${at}`;
}
