/**
 * The state that decisions are made on, and its fold.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import { chainAppend, chainItems, chainLength, chainOf, type Chain } from './chain.ts';
import { evolveHeader } from './evolve-header.ts';
import type { z } from 'zod';
import type { SubscriptionEvent, commandTraceSchema } from './events.ts';
import type { SubscriptionHeader } from './header.ts';
import { commandsBefore, ownPlace } from './fact-order.ts';
import { emptyLedger, mergeFact, type Ledger } from './ledger.ts';
import { laterOf } from './terms.ts';
import { emptyPagedMap, pagedAdd, pagedDelete, pagedSet, type PagedMap } from './paged-map.ts';

/** A held seat; `heldSince` is the revision of the event that gave it, so that a seat given again is told from the first. */
export type Seat = { readonly appsOff: readonly string[]; readonly assignedAt: Instant; readonly heldSince: number };

/** A lifecycle command that was accepted: part of the history that late facts are simulated in. */
export type AcceptedCommand = z.infer<typeof commandTraceSchema>;

/** A lifecycle event that holds (nothing reversed it). */
export type TimelineEntry = {
  readonly id: string;
  readonly type: SubscriptionEvent['type'];
  readonly data: SubscriptionEvent['data'];
  readonly effectiveAt: Instant;
  /** Where the decision behind it stands in valid time: a renewal takes effect later than it was paid. */
  readonly place: Instant;
  /** The header it was decided on; `null` where that follows from an entry before it, see {@link headerBefore}. */
  readonly before: SubscriptionHeader | null;
};

/** See the module's description. Plain data. */
export type SubscriptionState = {
  /** `null` before it was created. */
  readonly header: SubscriptionHeader | null;
  /** Who holds a seat, by person id. */
  readonly seats: PagedMap<Seat>;
  /** Every command id ever applied: exactly once rests on it (architecture, Deciding). */
  readonly commandIds: PagedMap<{ readonly hash: string; readonly revision: number }>;
  readonly ledger: Ledger;
  /** In the order of their acceptance, which is that of their instants. */
  readonly commands: readonly AcceptedCommand[];
  /** In order of place. */
  readonly timeline: Chain<TimelineEntry>;
  /** When the payment method, or what is known of it, last changed. */
  readonly methodChangedAt: Instant;
  /** The last place that anything of the lifecycle stands at: a fact after it cannot change what is recorded. */
  readonly latest: Instant;
  /** The same, but for payments that only wait for their term: those commute with one another. */
  readonly latestActed: Instant;
};

/** The state before the first event. */
export const initialSubscription: SubscriptionState = {
  header: null,
  seats: emptyPagedMap(),
  commandIds: emptyPagedMap(),
  ledger: emptyLedger,
  commands: [],
  timeline: null,
  methodChangedAt: '',
  latest: '',
  latestActed: '',
};

/** Events that never take part in the lifecycle: seats and payment methods commute with it. */
const besideLifecycle: ReadonlySet<SubscriptionEvent['type']> = new Set([
  'SubscriptionCreated',
  'PaymentMethodChanged',
  'LicenseAssigned',
  'LicenseUnassigned',
  'LicenseMoved',
  'SeatConflictOpened',
  'SeatConflictResolved',
  'SeatConflictLapsed',
  'DataExported',
  'NoteAdded',
  'FactCorrected',
  'SuccessorReserved',
  'SuccessorStarted',
  'SuccessorReleased',
]);
/** Readings of a recorded fact that change the header themselves; all others have events of their own for it. */
const effectsOnHeader: ReadonlySet<string> = new Set([
  'parked',
  'activation',
  'charge_failed',
  'refund',
  'balance',
  'credit',
  'dispute_opened',
  'dispute_won',
  'dispute_lost',
  'ended',
]);

/** Whether the event is part of the lifecycle, so that a late fact can reverse it. */
export function isLifecycleEvent(event: Pick<SubscriptionEvent, 'type' | 'data'>): boolean {
  if (event.type === 'PaymentFactRecorded') return 'effect' in event.data && effectsOnHeader.has(event.data.effect);
  return !besideLifecycle.has(event.type);
}

/** Whether the event says that a payment waits for its term. */
export function isParking(event: Pick<SubscriptionEvent, 'type' | 'data'>): boolean {
  return event.type === 'PaymentFactRecorded' && 'effect' in event.data && event.data.effect === 'parked';
}

/** Folds one event. History is folded here and never by the machine. */
export function evolve(state: SubscriptionState, event: SubscriptionEvent): SubscriptionState {
  const header = evolveHeader(state.header, event);
  if (besideLifecycle.has(event.type)) {
    return {
      header,
      seats: evolveSeats(state.seats, event),
      commandIds: evolveCommandIds(state.commandIds, event),
      ledger: state.ledger,
      commands: state.commands,
      timeline: state.timeline,
      methodChangedAt: event.type === 'PaymentMethodChanged' ? event.effectiveAt : state.methodChangedAt,
      latest: state.latest,
      latestActed: state.latestActed,
    };
  }
  const place = placeOf(event);
  return {
    header,
    seats: state.seats,
    commandIds: evolveCommandIds(state.commandIds, event),
    ledger: evolveLedger(state, event, place),
    commands: evolveCommands(state.commands, event),
    timeline: evolveTimeline(state, event, place, header),
    methodChangedAt: state.methodChangedAt,
    latest: laterOf(state.latest, place),
    latestActed: isParking(event) ? state.latestActed : laterOf(state.latestActed, place),
  };
}

/** The hash rides on the first event of a decision (`commandHash`): that revision answers a repeated command. */
function evolveCommandIds(
  commandIds: SubscriptionState['commandIds'],
  { commandId, commandHash, revision }: SubscriptionEvent,
): SubscriptionState['commandIds'] {
  return commandHash === undefined ? commandIds : pagedAdd(commandIds, commandId, { hash: commandHash, revision });
}

function evolveCommands(commands: readonly AcceptedCommand[], event: SubscriptionEvent): readonly AcceptedCommand[] {
  const command = 'command' in event.data ? event.data.command : undefined;
  return command === undefined ? commands : [...commands, command];
}

/** The place of an event in valid time: a renewal stands where it was paid, not where its term begins. */
export function placeOf(event: Pick<SubscriptionEvent, 'data' | 'effectiveAt'>): Instant {
  const fact = 'fact' in event.data ? event.data.fact : undefined;
  const appliedAt = 'appliedAt' in event.data ? event.data.appliedAt : undefined;
  return appliedAt ?? fact?.occurredAt ?? event.effectiveAt;
}

/** Folds who holds a seat. */
export function evolveSeats(seats: PagedMap<Seat>, event: SubscriptionEvent): PagedMap<Seat> {
  if (event.type === 'LicenseAssigned') {
    const { personId, appsOff } = event.data;
    return pagedSet(seats, personId, { appsOff, assignedAt: event.effectiveAt, heldSince: event.revision });
  }
  const isTaken = event.type === 'LicenseUnassigned' || event.type === 'LicenseMoved';
  return isTaken ? pagedDelete(seats, event.data.personId) : seats;
}

function evolveLedger(state: SubscriptionState, event: SubscriptionEvent, place: Instant): Ledger {
  const fact = 'fact' in event.data ? event.data.fact : undefined;
  if (fact === undefined || state.header === null) return state.ledger;
  const own = ownPlace(fact, state.header.createdAt, state.commands);
  const known = place < own ? place : own;
  return mergeFact(state.ledger, { fact, place: known, after: commandsBefore(state.commands, known) });
}

/** Of so many entries of the timeline one keeps its header: all of them would be most of what a long history weighs. */
const headerEvery = 32;

function evolveTimeline(
  { timeline, header: before }: SubscriptionState,
  event: SubscriptionEvent,
  place: Instant,
  header: SubscriptionHeader,
): Chain<TimelineEntry> {
  if (before === null || !isLifecycleEvent(event)) return timeline;
  const { id, type, data, effectiveAt } = event;
  if (type !== 'ExpiryReversed') {
    const isKept = chainLength(timeline) % headerEvery === 0;
    const entry = { id, type, data, effectiveAt, place, before: isKept ? before : null };
    const isEarlier = isParking(event) && timeline !== null && timeline.item.place > place;
    return isEarlier ? chainOf(parkedEarlier(chainItems(timeline), entry)) : chainAppend(timeline, entry);
  }
  // What comes after a reversal is decided on what it restored.
  return chainOf([
    ...withoutReversed(timeline, new Set(event.data.reverses)),
    { id, type, data, effectiveAt, place, before: header },
  ]);
}

/** A payment that waits goes before the later ones that only wait as well: their headers now follow from it. */
function parkedEarlier(entries: readonly TimelineEntry[], entry: TimelineEntry): TimelineEntry[] {
  const index = entries.findLastIndex(({ place }) => place <= entry.place) + 1;
  return [
    ...entries.slice(0, index),
    { ...entry, before: entries[index]?.before ?? null },
    ...entries.slice(index).map((later) => (later.before === null ? later : { ...later, before: null })),
  ];
}

/** What stays behind a reversed entry was decided on that entry all the same. */
function withoutReversed(timeline: Chain<TimelineEntry>, reversed: ReadonlySet<string>): TimelineEntry[] {
  const entries = chainItems(timeline);
  const first = entries.findIndex(({ id }) => reversed.has(id));
  return entries.flatMap((entry, index) => {
    if (reversed.has(entry.id)) return [];
    return first < 0 || index < first ? [entry] : [{ ...entry, before: headerBefore(entries, index) }];
  });
}

/**
 * The header that an entry of the timeline was decided on, folded from the nearest one that is kept. Only its lifecycle is
 * of that time: seats and payment methods stand beside it.
 */
export function headerBefore(entries: readonly TimelineEntry[], index: number): SubscriptionHeader {
  let first = index;
  while (entries[first]?.before === null) first -= 1;
  const [entry] = withHeaders(entries.slice(first, index + 1)).slice(-1);
  if (!entry) throw new RangeError(`the timeline has no entry ${index}`);
  return entry.before;
}

/** An entry of the timeline with the header that it was decided on, see {@link headerBefore}. */
export type EntryWithHeader = TimelineEntry & { readonly before: SubscriptionHeader };

/** The whole timeline, or its end from an entry on that keeps its header. */
export function withHeaders(entries: readonly TimelineEntry[]): EntryWithHeader[] {
  let header = entries[0]?.before ?? null;
  return entries.map((entry) => {
    const before = entry.before ?? header;
    if (before === null) throw new RangeError('the timeline begins with an entry that keeps no header');
    const { id, type, data, effectiveAt } = entry;
    // An entry is an event without what surrounds it: type and data were taken from one.
    const event = { id, type, data, effectiveAt, revision: before.revision, recordedAt: '', commandId: '' };
    header = evolveHeader(before, event as SubscriptionEvent);
    return { ...entry, before };
  });
}
