/**
 * Arithmetic of terms and money on a header ("Money and terms", `domain.md 6.3`).
 *
 * @module
 */
import { addDuration, addWorkingDays, termFromAnchor } from '../calendar/index.ts';
import type { Instant } from '../instant.ts';
import type { Money } from '../money.ts';
import type { PaymentFact } from '../payment/fact.ts';
import type { PolicyProfile } from '../policy/index.ts';
import type { PaymentMethod, SubscriptionHeader } from './header.ts';

/** A term, `[start, end)`. */
export type TermSpan = { readonly start: Instant; readonly end: Instant };

/** What a settled payment pays. `later`: a term after the next one, which has to wait for its predecessor. */
export type PaymentTarget = 'current' | 'next' | 'later' | 'nothing';

/** The term after the last one decided for: counted from the anchor; the first paid term follows a trial's own end. */
export function nextTerm(header: SubscriptionHeader): TermSpan {
  if (header.termEnd === null || header.anchor === null) throw new RangeError('there is no term to follow');
  if (header.trial) return termFrom(header, header.termEnd);
  return termAtIndex(header, header.anchor, header.termIndex + 1);
}

/** A term counted from the anchor, or from where the last pause before it left off (`domain.md 6.3`). */
export function termAtIndex(header: SubscriptionHeader, anchor: Instant, index: number): TermSpan {
  if (header.pauses.length === 0) return termFromAnchor(anchor, header.term, index, header.zone);
  return { start: plannedTerm(header, anchor, index).start, end: plannedTerm(header, anchor, index + 1).start };
}

/** As it would be without a pause of its own. */
function plannedTerm({ pauses, term, zone }: SubscriptionHeader, anchor: Instant, index: number): TermSpan {
  const from = pauses.findLast((pause) => pause.index <= index) ?? { index: 0, anchor };
  return termFromAnchor(from.anchor, term, index - from.index, zone);
}

/** By how much pauses made a term longer. */
function pausedMs(header: SubscriptionHeader, index: number, end: Instant): number {
  if (header.anchor === null || !header.pauses.some((pause) => pause.index === index + 1)) return 0;
  return spanMs(plannedTerm(header, header.anchor, index).end, end);
}

/** The hold that lets the clock of the term stand still; `null` when it runs. */
export function movingHold({ holds }: Pick<SubscriptionHeader, 'holds'>): SubscriptionHeader['holds'][number] | null {
  return holds.length === 0 ? null : (holds.find(({ movesTermEnd }) => movesTermEnd) ?? null);
}

/** A first term that starts here. */
export function termFrom(header: Pick<SubscriptionHeader, 'term' | 'zone'>, start: Instant): TermSpan {
  return termFromAnchor(start, header.term, 0, header.zone);
}

/** The term that runs at an instant: an earlier one than the last when terms were paid ahead. */
export function termAt(header: SubscriptionHeader, at: Instant): (TermSpan & { readonly index: number }) | null {
  const { termStart, termEnd, anchor, termIndex } = header;
  if (termStart === null || termEnd === null || anchor === null) return null;
  const moving = movingHold(header);
  const clock = moving !== null && moving.from < at ? moving.from : at;
  if (termStart <= clock || termIndex === 0) return { start: termStart, end: termEnd, index: termIndex };
  const index = indexAt(header, anchor, clock);
  return { ...termAtIndex(header, anchor, index), index };
}

/**
 * The last term before the one that was decided for last that begins at an instant or before it, else the first of all. In
 * strides that double, from the end: few terms are paid ahead as a rule, but a thousand must not take a thousand steps.
 */
export function indexAt(header: SubscriptionHeader, anchor: Instant, clock: Instant): number {
  const isBegun = (index: number): boolean => index === 0 || termAtIndex(header, anchor, index).start <= clock;
  let ahead = header.termIndex;
  let begun = Math.max(0, ahead - 1);
  for (let stride = 2; !isBegun(begun); stride *= 2) {
    ahead = begun;
    begun = Math.max(0, begun - stride);
  }
  while (ahead - begun > 1) {
    const middle = (begun + ahead) >> 1;
    if (isBegun(middle)) begun = middle;
    else ahead = middle;
  }
  return begun;
}

/** Price of a term with all seats, in minor units; `null` without a price: then any positive amount covers a term. */
export function termPrice(header: Pick<SubscriptionHeader, 'price' | 'seatsPurchased'>): number | null {
  return header.price === null ? null : header.price.minor * header.seatsPurchased;
}

/** The same for the term after the last one: fewer seats may have been ordered for it, or another plan. */
export function nextTermPrice(
  header: Pick<SubscriptionHeader, 'price' | 'seatsPurchased' | 'scheduledSeats' | 'scheduledPlan' | 'termEnd'>,
): number | null {
  const { seatsPurchased, scheduledSeats, scheduledPlan, termEnd } = header;
  const isForNextTerm = (change: { readonly at: Instant } | null) => change !== null && change.at <= (termEnd ?? '');
  const price = (isForNextTerm(scheduledPlan) ? scheduledPlan?.price : undefined) ?? header.price;
  const fewer = isForNextTerm(scheduledSeats) ? (scheduledSeats?.remove ?? 0) : 0;
  return price === null ? null : price.minor * Math.max(1, seatsPurchased - fewer);
}

/**
 * What is left of `perTerm` from an instant to the end of the paid time, in minor units, rounded down. Paused time is not
 * used up.
 */
export function remainingValue(header: SubscriptionHeader, perTerm: number, at: Instant): number {
  const running = termAt(header, at);
  if (running === null) return 0;
  const from = movingHold(header)?.from ?? at;
  const length = spanMs(running.start, running.end) - pausedMs(header, running.index, running.end);
  const share = Math.min(1, spanMs(from, running.end) / length);
  return (header.termIndex - running.index) * perTerm + Math.floor(perTerm * share);
}

function spanMs(from: Instant, to: Instant): number {
  return Date.parse(to) - Date.parse(from);
}

/** An instant some milliseconds later. */
export function later(at: Instant, ms: number): Instant {
  return ms === 0 ? at : new Date(Date.parse(at) + ms).toISOString();
}

/**
 * Which term a settled or failed charge is for (`domain.md 6.3`). `at` is its place. A charge for the running term that
 * failed in time is still owed for it: what is paid later, without naming a period, pays that (docs/payments.md).
 */
export function targetOf(
  header: SubscriptionHeader,
  fact: Pick<PaymentFact, 'servicePeriod'>,
  at: Instant,
  policy: PolicyProfile,
): PaymentTarget {
  const { termStart, termEnd } = header;
  if (termStart === null || termEnd === null) return 'nothing';
  const period = fact.servicePeriod?.start;
  if (period === undefined) {
    const isOwed = header.pastDue?.forTerm === termStart || isFirstPayment(termStart, at, policy, header);
    return !header.termPaid && isOwed ? 'current' : 'next';
  }
  if (period < termEnd)
    return !header.termPaid && (period >= termStart || header.termIndex === 0) ? 'current' : 'nothing';
  return period < nextTerm(header).end ? 'next' : 'later';
}

function isFirstPayment(termStart: Instant, at: Instant, policy: PolicyProfile, header: SubscriptionHeader): boolean {
  return policy.firstPaymentWindow === null || at < addDuration(termStart, policy.firstPaymentWindow, header.zone);
}

/** Whether a payment, with what is on account, covers what is due, and what it leaves there (negative: takes from it). */
export function coverage(
  header: SubscriptionHeader,
  due: number | null,
  amount: Money | undefined,
): { readonly covers: boolean; readonly left: number } {
  const minor = amount?.minor ?? 0;
  if (due === null) return { covers: minor > 0, left: 0 };
  const onAccount = header.credit?.currency === amount?.currency ? (header.credit?.minor ?? 0) : 0;
  return minor + onAccount >= due ? { covers: true, left: minor - due } : { covers: false, left: minor };
}

/** Until when a reactivation must be settled, by kind of payment method (`domain.md 6.1`). */
export function confirmBy(at: Instant, method: PaymentMethod['kind'], policy: PolicyProfile, zone: string): Instant {
  const window = policy.reactivationConfirm[method];
  if (!window.workingDays) return addDuration(at, window.duration, zone);
  return addWorkingDays(at, Number(/^P(\d+)D$/.exec(window.duration)?.[1] ?? 0), zone);
}

/** The later of two instants. */
export function laterOf(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}
