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
type TermBefore = Readonly<Pick<Lifecycle, 'keyTermEnd' | 'trial'>>;

/** {@link enterTerm} without changing the header. */
export function inTerm(
  { termStart, termEnd, anchor, termIndex, pauses, keyTermEnd, trial }: SubscriptionHeader,
  data: { readonly termStart: Instant; readonly termEnd: Instant },
): TermFold {
  const term = { termStart, termEnd, anchor, termIndex, pauses, keyTermEnd, trial };
  enterTerm(term, data.termStart, data.termEnd);
  return {
    termStart: term.termStart,
    termEnd: term.termEnd,
    anchor: term.anchor,
    termIndex: term.termIndex,
    pauses: term.pauses,
  };
}

/**
 * A term that does not follow the last one starts a new anchor. Where a product key led to an end of its own, later terms
 * are counted from there.
 */
export function enterTerm(header: TermFold & TermBefore, termStart: Instant, termEnd: Instant): void {
  if (termStart !== header.termStart) {
    const follows = termStart === header.termEnd && header.anchor !== null && !header.trial;
    if (follows) header.termIndex += 1;
    else startAnchor(header, termStart);
    header.termStart = termStart;
  }
  header.termEnd = termEnd;
  if (header.keyTermEnd !== null && termEnd === header.keyTermEnd)
    header.pauses = withPause(header.pauses, header.termIndex, termEnd);
}

function startAnchor(header: TermFold, termStart: Instant): void {
  header.anchor = termStart;
  header.termIndex = 0;
  header.pauses = [];
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
