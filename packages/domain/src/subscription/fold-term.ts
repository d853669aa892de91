import type { Instant } from '../instant.ts';
import type { SubscriptionEvent } from './events.ts';
import { withPause } from './fold-hold.ts';
import { scheduleAtTermEnd } from './fold-schedule.ts';
import type { SubscriptionHeader } from './header.ts';
import type { Lifecycle } from './lifecycle.ts';
import { nextTerm, termFrom } from './terms.ts';

type EventOf<T extends SubscriptionEvent['type']> = Extract<SubscriptionEvent, { type: T }>;

/** Seats at once; time where the subscription runs. Else the event that follows begins the key's term. */
export function keyApplied(
  header: SubscriptionHeader,
  { data, effectiveAt }: EventOf<'ProductKeyApplied'>,
): Partial<Lifecycle> {
  const { mode, termStart, termEnd, newAnchor = null } = data;
  const seats = seatsAfterKey(header, { data, effectiveAt });
  const isForTime = termStart !== undefined && termEnd !== undefined;
  if (mode === 'add-seats' && !isForTime) return seats;
  if (!isForTime) return { keyTermEnd: newAnchor, ...seats };
  if (mode === 'add-seats' && header.reactivation !== null) {
    return { ...seats, ...lengthenedReactivation(header, header.reactivation, termEnd) };
  }
  if (header.status !== 'active') return { keyTermEnd: newAnchor, prepaidUntil: termEnd, ...seats };
  return {
    ...seats,
    keyTermEnd: newAnchor,
    prepaidUntil: termEnd,
    ...inTerm({ ...header, keyTermEnd: newAnchor }, { termStart, termEnd }),
    // What waits for the end of the term waits for its new one.
    ...(termStart === header.termStart ? scheduleAtTermEnd(header, termEnd) : {}),
    // Ending with the term still means with the term.
    cancelAt: header.cancelAt !== null && header.cancelAt === header.termEnd ? termEnd : header.cancelAt,
  };
}

function seatsAfterKey(
  { seatsPurchased }: SubscriptionHeader,
  { data, effectiveAt }: Pick<EventOf<'ProductKeyApplied'>, 'data' | 'effectiveAt'>,
): Partial<Lifecycle> {
  if (data.mode === 'add-seats') return { seatsPurchased: seatsPurchased + data.seats };
  return data.removedSeats === undefined
    ? {}
    : { seatsPurchased: Math.max(0, seatsPurchased - data.removedSeats), seatsReducedAt: effectiveAt };
}

/** The term that an open reactivation leads to ends later; that it is not a regular one is seen when it begins. */
function lengthenedReactivation(
  { cancelAt }: SubscriptionHeader,
  open: NonNullable<Lifecycle['reactivation']>,
  newTermEnd: Instant,
): Partial<Lifecycle> {
  const isAtTermEnd = cancelAt !== null && cancelAt === open.newTermEnd;
  return { reactivation: { ...open, newTermEnd }, ...(isAtTermEnd ? { cancelAt: newTermEnd } : {}) };
}

type TermFold = Pick<Lifecycle, 'termStart' | 'termEnd' | 'anchor' | 'termIndex' | 'pauses'>;

/** Where a product key led to an end of its own, later terms are counted from there. */
export function inTerm(
  header: SubscriptionHeader,
  data: { readonly termStart: Instant; readonly termEnd: Instant },
): TermFold {
  const term = counted(header, data);
  if (data.termEnd !== header.keyTermEnd) return term;
  return { ...term, pauses: withPause(term.pauses, term.termIndex, data.termEnd) };
}

/** A term that does not follow the last one starts a new anchor. */
function counted(
  header: SubscriptionHeader,
  { termStart, termEnd }: { readonly termStart: Instant; readonly termEnd: Instant },
): TermFold {
  if (termStart === header.termStart) {
    return { termStart, termEnd, anchor: header.anchor, termIndex: header.termIndex, pauses: header.pauses };
  }
  const follows = termStart === header.termEnd && header.anchor !== null && !header.trial;
  return follows
    ? { termStart, termEnd, anchor: header.anchor, termIndex: header.termIndex + 1, pauses: header.pauses }
    : { termStart, termEnd, anchor: termStart, termIndex: 0, pauses: [] };
}

/** A pause while the reactivation was open has moved the end of the term that it leads to. */
export function pausedInTerm(header: SubscriptionHeader, term: ReturnType<typeof inTerm>): ReturnType<typeof inTerm> {
  const { anchor, termIndex, termEnd, termStart, pauses } = term;
  if (anchor === null || termEnd === null) return term;
  const isSame = termStart === header.termStart;
  const follows = anchor === header.anchor;
  const planned = isSame ? header.termEnd : follows ? nextTerm(header).end : termFrom(header, anchor).end;
  return planned === null || termEnd <= planned ? term : { ...term, pauses: withPause(pauses, termIndex, termEnd) };
}
