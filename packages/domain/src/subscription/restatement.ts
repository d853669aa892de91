import type { Instant } from '../instant.ts';
import type { PaymentFact } from '../payment/fact.ts';
import type { Deciding } from './decide-command.ts';
import type { DecidedEvent, factEffects } from './events.ts';
import { paymentKey } from './fold-payment.ts';
import type { SubscriptionHeader } from './header.ts';
import { ledgerKeys, type Ledger } from './ledger.ts';
import { lifecycleSchema, type Lifecycle } from './lifecycle.ts';
import { effectsOf } from './payment-effects.ts';
import { foldProvisional, simulate, situationAt, type SimulatedEvent } from './simulation.ts';
import { chainItems } from './chain.ts';
import { isLifecycleEvent, isParking, placeOf } from './lifecycle-events.ts';
import type { SubscriptionState } from './state.ts';
import { headerBefore, type TimelineEntry } from './timeline.ts';
import { step } from './step.ts';
import { withChanges } from './with-changes.ts';
import { record } from './transitions/payments.ts';
import { conflictNews } from './transitions/seats.ts';

/** A fact that has just become known. */
export type News = {
  readonly fact: PaymentFact;
  readonly place: Instant;
  /** The ledger with the fact in it. */
  readonly ledger: Ledger;
  /** From here on history may be another one. */
  readonly from: Instant;
};

/**
 * The events that turn what is recorded into what would have been recorded, had the fact been known at its place: history
 * is simulated again from there, what it shares with the recorded one stays, the rest of the recorded one is reversed, and
 * the rest of the simulated one follows. With nothing recorded after the fact that is an ordinary decision.
 */
export function restate(deciding: Deciding, news: News): readonly DecidedEvent[] {
  const events = rewritten(deciding, news);
  const { header, policy, now } = deciding;
  if (header.scheduledSeats === null && header.seatsReducedAt === null && header.droppedChanges.length === 0) {
    return events;
  }
  // Seats are beside the lifecycle, but how many there are is not.
  const after = foldProvisional(header, events);
  if (conflictNews(after) === null) return events;
  return [...events, ...(step(situationAt(after, now, policy), { type: 'seats.reconcile' }) ?? [])];
}

function rewritten(deciding: Deciding, news: News): readonly DecidedEvent[] {
  const { state, header, policy, now } = deciding;
  const isNewest = state.latest < news.from;
  const recorded = isNewest ? [] : recordedFrom(state.timeline, news.from);
  const commandOffset = state.commands.filter(({ at }) => at < news.from).length;
  const { events } = simulate({
    header: recorded.length === 0 ? header : wentBack(header, headerBefore(recorded, 0)),
    policy,
    until: now,
    deletes: false,
    effects: effectsOf(news.ledger, isNewest ? touchedKeys(news) : ledgerKeys(news.ledger), news.from),
    commands: state.commands.slice(commandOffset),
    commandOffset,
    ledger: news.ledger,
  });
  return difference({ header, recorded, events, news });
}

/** What is recorded from an instant on; the first of it has its header. */
function recordedFrom(timeline: SubscriptionState['timeline'], from: Instant): readonly TimelineEntry[] {
  const entries = chainItems(timeline);
  const index = entries.findIndex(({ place }) => place >= from);
  const first = entries[index];
  return first === undefined ? [] : [{ ...first, before: headerBefore(entries, index) }, ...entries.slice(index + 1)];
}

/** While nothing is recorded after the fact, only the payments that it touches have steps there. */
function touchedKeys({ fact, ledger }: News): Iterable<string> {
  return new Set([`${fact.provider}/${fact.providerObjectId}`, ...ledger.refundedOnly]);
}

function difference({
  header,
  recorded,
  events,
  news,
}: {
  readonly header: SubscriptionHeader;
  readonly recorded: readonly TimelineEntry[];
  readonly events: readonly SimulatedEvent[];
  readonly news: News;
}): readonly DecidedEvent[] {
  const shared = sharedLength(recorded, events);
  const isOwn = ({ cause }: SimulatedEvent): boolean => cause !== null && 'fact' in cause && cause.fact === news.fact;
  const begins = events.slice(shared.simulated).find(({ event }) => isLifecycleEvent(event));
  const first = firstReversed(recorded, shared.recorded, begins && placeOf(begins.event));
  const reversed = recorded.slice(first);
  const fresh = events
    .slice(shared.simulated)
    .filter(
      (simulated) =>
        isLifecycleEvent(simulated.event) ||
        (reversed.length === 0 && isOwn(simulated)) ||
        isMoneyBack(simulated.event, reversed),
    );
  const decided = fresh.map(({ event }) => event);
  const reversal =
    reversed.length === 0 ? null : reversalOf(header, headerBefore(recorded, first), reversed, decided[0]);
  const isCarried = decided.some(
    (event) => carries(event, news.fact) && (reversal === null || event.type === 'PaymentFactRecorded'),
  );
  if (isCarried) return reversal === null ? decided : [reversal, ...decided];
  const effect = readingOf(events.filter(isOwn).map(({ event }) => event));
  const entry = record({ at: news.place }, { fact: news.fact }, effect);
  return [entry, ...(reversal === null ? [] : [reversal]), ...decided];
}

/** A payment that had been used, and now turns out to have come when everything was over: it does not just disappear. */
function isMoneyBack(event: DecidedEvent, reversed: readonly TimelineEntry[]): boolean {
  const isDue = event.type === 'PaymentFactRecorded' && event.data.effect === 'refund_due';
  return isDue && reversed.some((entry) => factKey(entry) === paymentKey(event.data.fact));
}

/** An earlier reversal that stands behind what follows now is undone with what it led to. */
function firstReversed(recorded: readonly TimelineEntry[], shared: number, begins: Instant | undefined): number {
  let first = shared;
  for (;;) {
    const previous = recorded[first - 1];
    const isBehind = previous?.type === 'ExpiryReversed' && begins !== undefined && previous.place > begins;
    if (!isBehind) return first;
    first -= 1;
  }
}

/** How much of the recorded history the simulated one repeats. Reversals are not part of what happened. */
function sharedLength(
  recorded: readonly TimelineEntry[],
  events: readonly SimulatedEvent[],
): { readonly recorded: number; readonly simulated: number } {
  let known = 0;
  let simulated = 0;
  for (;;) {
    while (recorded[known]?.type === 'ExpiryReversed') known += 1;
    let next = simulated;
    while (next < events.length && !isLifecycleEvent(at(events, next).event)) next += 1;
    const entry = recorded[known];
    const event = events[next]?.event;
    const parkedCount = entry && event && isParking(entry) ? sameParked(recorded, known, events, next) : 0;
    if (parkedCount > 0) {
      known += parkedCount;
      simulated = next + parkedCount;
      continue;
    }
    if (entry === undefined || event === undefined || !isSameEvent(entry, event)) return { recorded: known, simulated };
    known += 1;
    simulated = next + 1;
  }
}

/** How many payments of one instant wait for their term on both sides, in whatever order; 0 where they are not the same. */
function sameParked(
  recorded: readonly TimelineEntry[],
  known: number,
  events: readonly SimulatedEvent[],
  simulated: number,
): number {
  const place = recorded[known]?.place;
  const isHere = (event: Pick<TimelineEntry, 'type' | 'data' | 'effectiveAt'> | undefined): boolean =>
    event !== undefined && isParking(event) && placeOf(event) === place;
  const byPayment = new Map<string, TimelineEntry>();
  let count = 0;
  for (let entry = recorded[known]; entry !== undefined && isHere(entry); entry = recorded[known + count]) {
    byPayment.set(factKey(entry), entry);
    count += 1;
  }
  for (let index = simulated; index < simulated + count; index += 1) {
    const event = events[index]?.event;
    const entry = event && byPayment.get(factKey(event));
    if (event === undefined || entry === undefined || !isSameEvent(entry, event)) return 0;
  }
  return isHere(events[simulated + count]?.event) ? 0 : count;
}

function factKey({ data }: Pick<TimelineEntry, 'data'>): string {
  return 'fact' in data && data.fact !== undefined ? paymentKey(data.fact) : '';
}

function at(events: readonly SimulatedEvent[], index: number): SimulatedEvent {
  const event = events[index];
  if (!event) throw new RangeError('a simulated event is missing');
  return event;
}

function isSameEvent(entry: TimelineEntry, event: DecidedEvent): boolean {
  return entry.type === event.type && entry.effectiveAt === event.effectiveAt && isSameData(entry.data, event.data);
}

/** Deep equality of plain JSON; the trace of a command says nothing of what happened. */
function isSameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const left = fieldsOf(a);
  const right = fieldsOf(b);
  return (
    left.size === right.size && [...left].every(([key, value]) => right.has(key) && isSameData(value, right.get(key)))
  );
}

function fieldsOf(data: object): Map<string, unknown> {
  return new Map(Object.entries(data).filter(([key, value]) => key !== 'command' && value !== undefined));
}

/** Undoes the events, back to what held before the first of them, in its place. */
function reversalOf(
  header: SubscriptionHeader,
  before: SubscriptionHeader,
  reversed: readonly TimelineEntry[],
  next: DecidedEvent | undefined,
): DecidedEvent | null {
  const [first] = reversed;
  if (first === undefined) return null;
  // Plain assignment by key: both sides are lifecycles.
  const restored: Record<string, unknown> = {};
  for (const key of lifecycleKeys) if (!isSameData(before[key], header[key])) restored[key] = before[key];
  const { effectiveAt, place } = first;
  const begins = next !== undefined && placeOf(next) < place ? placeOf(next) : place;
  return {
    type: 'ExpiryReversed',
    data: {
      reverses: reversed.map(({ id }) => id),
      restored,
      ...(begins === effectiveAt ? {} : { appliedAt: begins }),
    },
    effectiveAt,
  };
}

const lifecycleKeys = Object.keys(lifecycleSchema.shape) as (keyof Lifecycle)[];

/** The lifecycle part of a header. */
export function lifecycleOf(header: SubscriptionHeader): Lifecycle {
  // Every key of the schema, and only those: that is the type.
  return Object.fromEntries(lifecycleKeys.map((key) => [key, header[key]])) as Lifecycle;
}

/** An earlier lifecycle with what does not belong to it as it is now. */
function wentBack(header: SubscriptionHeader, before: SubscriptionHeader): SubscriptionHeader {
  const { policy, seatsAssigned, seatConflict, paymentMethod, paymentMethodSince, methodChangedAt, successor } = header;
  return withChanges(
    before,
    { policy, seatsAssigned, seatConflict, paymentMethod, paymentMethodSince, methodChangedAt, successor },
    header.revision,
  );
}

function carries(event: DecidedEvent, fact: PaymentFact): boolean {
  return 'fact' in event.data && event.data.fact === fact;
}

/** How a fact was read, told by the events that it caused. */
function readingOf(events: readonly DecidedEvent[]): (typeof factEffects)[number] {
  for (const event of events) {
    if (event.type === 'PaymentFactRecorded' && !isLifecycleEvent(event)) return event.data.effect;
    if (event.type === 'SubscriptionRenewed') return 'renewal';
    if (event.type === 'ReactivationConfirmed') return 'reactivation';
  }
  return 'noted';
}
