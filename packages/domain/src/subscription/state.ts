/**
 * The state that decisions are made on, and its fold.
 *
 * @module
 */
import type { z } from 'zod';
import type { Instant } from '../instant.ts';
import type { PaymentFact } from '../payment/fact.ts';
import type { Chain } from './chain.ts';
import { foldInto, headerAfter } from './evolve-header.ts';
import type { SubscriptionEvent, commandTraceSchema } from './events.ts';
import { commandsBefore, placeRecorded } from './fact-order.ts';
import type { OwnPayments } from './fold-payment.ts';
import type { SubscriptionHeader } from './header.ts';
import type { LicenseSource } from './license-events.ts';
import { emptyLedger, mergeInto, type Ledger, type LedgerDraft } from './ledger.ts';
import { carriedBy, partOf, type LifecyclePart } from './lifecycle-events.ts';
import { emptyPagedMap, pagedAdd, pagedDelete, pagedSet, type NodeOwner, type PagedMap } from './paged-map.ts';
import { laterOf } from './terms.ts';
import { evolveTimeline, keepsHeader, type TimelineEntry } from './timeline.ts';
import type { HeaderDraft } from './with-changes.ts';

/** A held seat; `heldSince` is the revision of the event that gave it, so that a seat given again is told from the first. */
export type Seat = {
  readonly appsOff: readonly string[];
  readonly source: LicenseSource;
  readonly assignedAt: Instant;
  readonly heldSince: number;
};

/** A lifecycle command that was accepted: part of the history that late facts are simulated in. */
export type AcceptedCommand = z.infer<typeof commandTraceSchema>;

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

/** Folds one event. History is folded here and never by the machine. */
export function evolve(state: SubscriptionState, event: SubscriptionEvent): SubscriptionState {
  const fold = begun(state, null);
  take(fold, event);
  return fold.state;
}

/**
 * Folds events one after the other, as {@link evolve} does, but copies once what it copies for each: what only the states
 * between would have seen is changed in place. No state that was handed out is ever changed.
 */
export function evolveAll(state: SubscriptionState, events: Iterable<SubscriptionEvent>): SubscriptionState {
  let fold: Fold | null = null;
  for (const event of events) {
    fold ??= begun(state, {});
    take(fold, event);
  }
  return fold === null ? state : fold.state;
}

/** A fold that goes on. What it made itself it may change, until it is handed out. */
type Fold = {
  readonly state: { -readonly [K in keyof SubscriptionState]: SubscriptionState[K] };
  /** Of maps and their nodes; none where each map is changed once at most. */
  readonly owner: NodeOwner | null;
  /** The header of `state` while it is its own. */
  header: HeaderDraft | null;
  /** The same for the payments of that header, */
  payments: OwnPayments['payments'];
  /** its ledger, */
  ledger: LedgerDraft | null;
  /** and its commands. */
  commands: AcceptedCommand[] | null;
};

function begun(state: SubscriptionState, owner: NodeOwner | null): Fold {
  const { header, seats, commandIds, ledger, commands, timeline, methodChangedAt, latest, latestActed } = state;
  return {
    state: { header, seats, commandIds, ledger, commands, timeline, methodChangedAt, latest, latestActed },
    owner,
    header: null,
    payments: null,
    ledger: null,
    commands: null,
  };
}

function take(fold: Fold, event: SubscriptionEvent): void {
  const { state } = fold;
  const part = partOf(event);
  const isLifecycle = part === 'acting' || part === 'parking';
  const before = isLifecycle && keepsHeader(state.timeline) && event.type !== 'ExpiryReversed' ? givenAway(fold) : null;
  takeHeader(fold, event);
  if (part === 'beside') {
    state.seats = evolveSeats(state.seats, event, fold.owner);
    if (event.type === 'PaymentMethodChanged') state.methodChangedAt = event.effectiveAt;
  } else {
    takeLifecycle(fold, event, part, before);
  }
  // After the fact, whose key the header has just made: the hash of one key is remembered.
  takeCommandId(fold, event);
}

function takeLifecycle(
  fold: Fold,
  event: SubscriptionEvent,
  part: LifecyclePart,
  before: SubscriptionHeader | null,
): void {
  const { state } = fold;
  const { fact, appliedAt, command } = carriedBy(event);
  const place = appliedAt ?? fact?.occurredAt ?? event.effectiveAt;
  if (fact !== undefined) takeFact(fold, fact, place);
  if (command !== undefined) takeCommand(fold, command);
  if (part !== 'noting') {
    // What comes after a reversal is decided on what it restored.
    const kept = event.type === 'ExpiryReversed' ? givenAway(fold) : before;
    state.timeline = evolveTimeline(state.timeline, event, place, kept);
  }
  takePlace(state, place, part);
}

/** The header as it is, for the timeline: from now on it is no longer changed. */
function givenAway(fold: Fold): SubscriptionHeader | null {
  fold.header = null;
  fold.payments = null;
  return fold.state.header;
}

function takeHeader(fold: Fold, event: SubscriptionEvent): void {
  if (fold.header === null || event.type === 'SubscriptionCreated') {
    fold.header = headerAfter(fold.state.header, event);
    fold.state.header = fold.header;
  } else {
    foldInto(fold.header, event, fold);
  }
}

/** The hash rides on the first event of a decision (`commandHash`): that revision answers a repeated command. */
function takeCommandId({ state, owner }: Fold, { commandId, commandHash, revision }: SubscriptionEvent): void {
  if (commandHash === undefined) return;
  state.commandIds = pagedAdd(state.commandIds, commandId, { hash: commandHash, revision }, owner);
}

function takeCommand(fold: Fold, command: AcceptedCommand): void {
  if (fold.commands === null) fold.state.commands = fold.commands = [...fold.state.commands];
  fold.commands.push(command);
}

function takeFact(fold: Fold, fact: PaymentFact, at: Instant): void {
  const { state, owner } = fold;
  if (state.header === null) return;
  const place = placeRecorded(fact, at, state.header.createdAt, state.commands);
  const ledger = fold.ledger ?? { entries: state.ledger.entries, refundedOnly: state.ledger.refundedOnly };
  const isNew = mergeInto(ledger, { fact, place, after: commandsBefore(state.commands, place) }, owner);
  if (isNew) state.ledger = fold.ledger = ledger;
}

function takePlace(state: Fold['state'], place: Instant, part: LifecyclePart): void {
  const { latest, latestActed } = state;
  // Mostly they are the same text: then one comparison says both.
  state.latest = laterOf(latest, place);
  if (part !== 'parking') state.latestActed = latest === latestActed ? state.latest : laterOf(latestActed, place);
}

/** Folds who holds a seat; what `owner` made may be changed in place. */
export function evolveSeats(
  seats: PagedMap<Seat>,
  event: SubscriptionEvent,
  owner: NodeOwner | null = null,
): PagedMap<Seat> {
  if (event.type === 'LicenseAssigned') {
    const { personId, appsOff, source } = event.data;
    const seat = { appsOff, source, assignedAt: event.effectiveAt, heldSince: event.revision };
    return pagedSet(seats, personId, seat, owner);
  }
  const isTaken = event.type === 'LicenseUnassigned' || event.type === 'LicenseMoved';
  return isTaken ? pagedDelete(seats, event.data.personId, owner) : seats;
}
