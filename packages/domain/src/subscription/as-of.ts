/**
 * A subscription as of a valid time, as known at a system time: both axes of the log (`domain.md 6.8`).
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import { evolveHeader } from './evolve-header.ts';
import type { SubscriptionEvent } from './events.ts';
import type { PlacedFact } from './fact-order.ts';
import type { SubscriptionHeader } from './header.ts';
import { chainItems, chainOf } from './chain.ts';
import { emptyLedger, type Ledger } from './ledger.ts';
import { emptyPagedMap, pagedEntries, pagedSet, type PagedMap } from './paged-map.ts';
import { lifecycleOf } from './restatement.ts';
import { isLifecycleEvent } from './lifecycle-events.ts';
import { evolveAll, evolveSeats, initialSubscription, type Seat, type SubscriptionState } from './state.ts';
import { headerBefore } from './timeline.ts';
import { applyDeadlines } from './view.ts';

/** Which instants are asked for. */
export type AsOf = {
  /** Valid time: how things stood then. */
  readonly at: Instant;
  /** System time: counting only what was recorded by then; absent = all that is recorded. */
  readonly knownAt?: Instant | undefined;
};

/** The state of a subscription that exists. */
export type ExistingSubscription = SubscriptionState & { readonly header: SubscriptionHeader };

/**
 * The state as of `at`, as known at `knownAt`; `null` when the subscription did not exist. What was recorded by then is
 * folded in the ordinary way, which leaves a timeline in valid time of all that nothing undid; the lifecycle is what it was
 * before the first entry later than `at`. What takes no part in the lifecycle counts from its `effectiveAt`. Deadlines are
 * left for the reader to apply, as in the live state.
 *
 * @param events of one stream, in order of their revisions
 */
export function stateAsOf(events: readonly SubscriptionEvent[], { at, knownAt }: AsOf): ExistingSubscription | null {
  const known = events.filter(({ recordedAt }) => knownAt === undefined || recordedAt <= knownAt);
  const state = evolveAll(initialSubscription, known);
  const { header, timeline, commands } = state;
  if (header === null || header.createdAt > at) return null;
  const entries = chainItems(timeline);
  const later = entries.findIndex(({ place }) => place > at);
  const beside = besideLifecycleAt(known, at);
  return {
    ...state,
    header: { ...header, ...lifecycleOf(later < 0 ? header : headerBefore(entries, later)), ...beside.fields },
    seats: beside.seats,
    ledger: ledgerAt(state, at),
    commands: commands.filter((command) => command.at <= at),
    timeline: later < 0 ? timeline : chainOf(entries.slice(0, later)),
  };
}

/** {@link stateAsOf}, its header only, with the deadlines up to `at` applied in memory. */
export function headerAsOf(events: readonly SubscriptionEvent[], when: AsOf): SubscriptionHeader | null {
  const state = stateAsOf(events, when);
  return state && applyDeadlines(state.header, when.at);
}

type Beside = Pick<
  SubscriptionHeader,
  | 'seatsAssigned'
  | 'seatConflict'
  | 'paymentMethod'
  | 'paymentMethodSince'
  | 'methodChangedAt'
  | 'policy'
  | 'providerRefs'
  | 'successor'
>;

/** What a header has beside the lifecycle, and the seats: folded from the events that commute with it. */
function besideLifecycleAt(
  events: readonly SubscriptionEvent[],
  at: Instant,
): { readonly fields: Beside | null; readonly seats: PagedMap<Seat> } {
  let fields: SubscriptionHeader | null = null;
  let seats: PagedMap<Seat> = emptyPagedMap();
  for (const event of events) {
    if (isLifecycleEvent(event) || event.effectiveAt > at) continue;
    fields = evolveHeader(fields, event);
    seats = evolveSeats(seats, event);
  }
  if (fields === null) return { fields, seats };
  const {
    seatsAssigned,
    seatConflict,
    paymentMethod,
    paymentMethodSince,
    methodChangedAt,
    policy,
    providerRefs,
    successor,
  } = fields;
  return {
    fields: {
      seatsAssigned,
      seatConflict,
      paymentMethod,
      paymentMethodSince,
      methodChangedAt,
      policy,
      providerRefs,
      successor,
    },
    seats,
  };
}

/** The ledger without what stands later. Nothing does, mostly: then it is the same one. */
function ledgerAt({ ledger, latest }: SubscriptionState, at: Instant): Ledger {
  if (latest <= at) return ledger;
  const stands = ({ place }: PlacedFact) => place <= at;
  let entries = emptyLedger.entries;
  const refundedOnly: string[] = [];
  for (const [key, entry] of pagedEntries(ledger.entries)) {
    const settled = entry.settled !== null && stands(entry.settled) ? entry.settled : null;
    const refunds = entry.refunds.filter(stands);
    const failures = entry.failures.filter(stands);
    const others = entry.others.filter(stands);
    if (settled === null && refunds.length + failures.length + others.length === 0) continue;
    entries = pagedSet(entries, key, { settled, refunds, failures, others, refs: entry.refs });
    if (settled === null && refunds.length > 0) refundedOnly.push(key);
  }
  return { entries, refundedOnly };
}
