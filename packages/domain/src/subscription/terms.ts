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
  return termFromAnchor(header.anchor, header.term, header.termIndex + 1, header.zone);
}

/** A first term that starts here. */
export function termFrom(header: Pick<SubscriptionHeader, 'term' | 'zone'>, start: Instant): TermSpan {
  return termFromAnchor(start, header.term, 0, header.zone);
}

/** The term that runs at an instant: an earlier one than the last when terms were paid ahead. */
export function termAt(header: SubscriptionHeader, at: Instant): (TermSpan & { readonly index: number }) | null {
  if (header.termStart === null || header.termEnd === null || header.anchor === null) return null;
  let term = { start: header.termStart, end: header.termEnd, index: header.termIndex };
  while (term.start > at && term.index > 0) {
    const index = term.index - 1;
    term = { ...termFromAnchor(header.anchor, header.term, index, header.zone), index };
  }
  return term;
}

/** Price of a term with all seats, in minor units; `null` without a price: then any positive amount covers a term. */
export function termPrice(header: Pick<SubscriptionHeader, 'price' | 'seatsPurchased'>): number | null {
  return header.price === null ? null : header.price.minor * header.seatsPurchased;
}

/** Which term a settled or failed charge is for (`domain.md 6.3`: exact). `at` is its place. */
export function targetOf(
  header: SubscriptionHeader,
  fact: Pick<PaymentFact, 'servicePeriod'>,
  at: Instant,
  policy: PolicyProfile,
): PaymentTarget {
  const { termStart, termEnd } = header;
  if (termStart === null || termEnd === null) return 'nothing';
  const period = fact.servicePeriod?.start;
  if (period === undefined)
    return !header.termPaid && isFirstPayment(termStart, at, policy, header) ? 'current' : 'next';
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
