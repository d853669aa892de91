import {
  applyDeadlines,
  nextDeadline,
  pagedEntries,
  pagedGet,
  stateAsOf,
  subscriptionStream,
  subscriptionView,
  type AsOf,
  type Deadline,
  type ExistingSubscription,
  type SubscriptionHeader,
  type SubscriptionView,
  asSubscriptionEvent,
} from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { refOf, type EventRef } from '../log/log.ts';
import type { StreamMemory } from '../log/stream-memory.ts';
import { differences, fieldsByEvent } from './changed-fields.ts';
import { inForce } from './in-force.ts';

/** A field that differs. */
export type FieldChange = {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
  /** The events that made the difference; none where only time passed, or was not yet known to have. */
  readonly events: readonly EventRef[];
};

/** An event that counts on one side only. */
export type EventChange = EventRef & { readonly fields: readonly string[] };

/** What differs between two instants, on either axis. */
export type SubscriptionDiff = {
  readonly from: AsOf & { readonly exists: boolean };
  readonly to: AsOf & { readonly exists: boolean };
  readonly changes: readonly FieldChange[];
  /** Count at `to` only. */
  readonly added: readonly EventChange[];
  /** Count at `from` only: undone since, not known any longer, or later in valid time. */
  readonly removed: readonly EventChange[];
  /** Deadlines that passed without an event that was known: applied in memory, on either side. */
  readonly deadlines: { readonly from: readonly Deadline[]; readonly to: readonly Deadline[] };
  /** Person ids. */
  readonly people: { readonly gained: readonly string[]; readonly lost: readonly string[] };
};

/** Deadlines told of one side. */
const deadlineCountMax = 20;

/** Compares a subscription with itself; undefined when it was never there. */
export async function diffSubscription(
  streams: StreamMemory,
  { tenant, subscriptionId }: { readonly tenant: string; readonly subscriptionId: string },
  { from, to }: { readonly from: AsOf; readonly to: AsOf },
): Promise<SubscriptionDiff | undefined> {
  const events = await streams.read(subscriptionStream(tenant, subscriptionId));
  if (events.length === 0) return undefined;
  const folded = events.map(asSubscriptionEvent);
  const [before, after] = [stateAsOf(folded, from), stateAsOf(folded, to)];
  const [counted, counts] = [inForce(events, from), inForce(events, to)];
  const fields = fieldsByEvent(events);
  const changeOf = (event: RecordedEvent): EventChange => ({
    ...refOf(event),
    fields: [...(fields.get(event.id) ?? [])],
  });
  const added = [...counts.values()].filter(({ id }) => !counted.has(id)).map(changeOf);
  const removed = [...counted.values()].filter(({ id }) => !counts.has(id)).map(changeOf);
  return {
    from: { ...from, exists: before !== null },
    to: { ...to, exists: after !== null },
    changes: differences(viewOf(before, from), viewOf(after, to)).map((change) => ({
      ...change,
      events: [...removed, ...added]
        .filter(({ id }) => fields.get(id)?.has(change.field) === true)
        .map(({ fields: _fields, ...ref }) => ref),
    })),
    added,
    removed,
    deadlines: { from: passed(before, from), to: passed(after, to) },
    people: { gained: holdersBeside(after, before), lost: holdersBeside(before, after) },
  };
}

function viewOf(state: ExistingSubscription | null, { at }: AsOf): SubscriptionView | null {
  return state && subscriptionView(state.header, at);
}

/** The deadlines up to `at` that no event speaks of. */
function passed(state: ExistingSubscription | null, { at }: AsOf): readonly Deadline[] {
  const found: Deadline[] = [];
  let header: SubscriptionHeader | undefined = state?.header;
  while (header !== undefined && found.length < deadlineCountMax) {
    const next: Deadline | null = nextDeadline(header);
    if (next === null || next.at > at) break;
    found.push(next);
    header = applyDeadlines(header, next.at);
  }
  return found;
}

function holdersBeside(one: ExistingSubscription | null, other: ExistingSubscription | null): readonly string[] {
  if (one === null) return [];
  return [...pagedEntries(one.seats)]
    .map(([personId]) => personId)
    .filter((personId) => other === null || pagedGet(other.seats, personId) === undefined);
}
