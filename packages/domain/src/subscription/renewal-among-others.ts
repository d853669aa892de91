/**
 * A payment that becomes known after others which stand behind it, and each of which renewed. To undo and decide them all
 * again would write twice as many events as there are, for every such payment. What it comes to is known without that: one
 * term more at the end, and each of the others pays the term after the one it paid. One event says so (`domain.md 6.10`
 * rules 8 and 11).
 *
 * @module
 */
import type { Deciding } from './decide-command.ts';
import type { PaymentFact } from '../payment/fact.ts';
import { nextDeadline } from './deadlines.ts';
import { chainItems } from './chain.ts';
import type { DecidedEvent } from './events.ts';
import { byPlace, type PlacedFact } from './fact-order.ts';
import { paymentKey } from './fold-payment.ts';
import type { SubscriptionHeader } from './header.ts';
import { ledgerEntry } from './ledger.ts';
import { carriedBy } from './lifecycle-events.ts';
import { pagedEntries, pagedGet } from './paged-map.ts';
import type { SubscriptionState } from './state.ts';
import { coverage, nextTerm, nextTermPrice, targetOf, termPrice } from './terms.ts';
import { headerBefore, type TimelineEntry } from './timeline.ts';
import { payment } from './transitions/payments.ts';

/** The event; `null` where more than that may follow from the payment, so that history has to be gone through. */
export function renewalAmongOthers(deciding: Deciding, placed: PlacedFact): DecidedEvent | null {
  const { state, header, policy, now } = deciding;
  const { fact, place } = placed;
  // With nothing behind it, it is decided like any.
  if (state.latest < place || (state.commands.at(-1)?.at ?? '') >= place || !isAlone(state, placed)) return null;
  const isDue = (nextDeadline(header)?.at ?? '') <= now;
  if (isDue || !isPlain(header) || !header.termPaid) return null;
  const entries = chainItems(state.timeline);
  const ahead = renewalsAfter(entries, placed, state);
  if (ahead === null || !isAmongThemOnly(state.ledger, placed, ahead)) return null;
  const before = ahead === 0 ? header : headerBefore(entries, entries.length - ahead);
  // What paid the running term gives that up to the new payment, and to none that does not pay it.
  const isFirst = entries[entries.length - ahead]?.type === 'PaymentFactRecorded';
  if (!isPlain(before) || before.termPaid === isFirst) return null;
  if (targetOf(before, fact, place, policy) !== (isFirst ? 'current' : 'next')) return null;
  const due = isFirst ? termPrice(before) : nextTermPrice(before);
  const { covers, left } = coverage(before, due, fact.amount);
  if (!covers || left !== 0) return null;
  const { start, end } = nextTerm(header);
  const data = { termStart: start, termEnd: end, ...payment(fact, place), ...(ahead === 0 ? {} : { ahead }) };
  return { type: 'SubscriptionRenewed', data, effectiveAt: start };
}

/** Nothing else is known of the payment. */
function isAlone({ ledger }: SubscriptionState, { fact }: PlacedFact): boolean {
  const isKnown = pagedGet(ledger.entries, paymentKey(fact)) !== undefined || ledger.refundedOnly.length > 0;
  return fact.kind === 'settled' && paysWhatIsNext(fact) && !isKnown;
}

/** It names no term and no reactivation that it is for. */
function paysWhatIsNext({ servicePeriod, reactivationRef }: PaymentFact): boolean {
  return servicePeriod === undefined && reactivationRef === undefined;
}

/** Running, and nothing that a payment could settle, bring about or come too late for. */
function isPlain(header: SubscriptionHeader): boolean {
  const { status, trial, pastDue, balance, credit, cancelAt, chargebackAt, scheduledSeats } = header;
  const { scheduledPlan, seatsReducedAt, droppedChanges, holds, parked, account, disputes, pauses } = header;
  const isRunning = status === 'active' && !trial && cancelAt === null && chargebackAt === null;
  const nothings = [pastDue, balance, credit, scheduledSeats, scheduledPlan, seatsReducedAt, header.keyTermEnd];
  const lists = [droppedChanges, holds, parked, account, disputes, pauses, header.disabledReasons];
  return isRunning && nothings.every((each) => each === null) && lists.every(({ length }) => length === 0);
}

/** Whether nothing else is known of that time, also nothing that came to nothing: with one more term it might not. */
function isAmongThemOnly(ledger: SubscriptionState['ledger'], placed: PlacedFact, ahead: number): boolean {
  let count = 0;
  for (const [, { settled, failures, refunds, others }] of pagedEntries(ledger.entries)) {
    if (settled !== null && byPlace(settled, placed) > 0) count += 1;
    if ([...failures, ...refunds, ...others].some((other) => other.place >= placed.place)) return false;
  }
  return count === ahead;
}

/** The payment behind an entry, where it stands by itself and pays what is next. */
function knownOf(entry: TimelineEntry, ledger: SubscriptionState['ledger']): PlacedFact | null {
  const { fact } = carriedBy(entry);
  if (fact === undefined || !paysWhatIsNext(fact)) return null;
  const known = ledgerEntry(ledger, paymentKey(fact)).settled;
  return known?.place === entry.place ? known : null;
}

/** A renewal, or what paid the running term. */
function paysTerm({ type, data }: TimelineEntry): boolean {
  return (
    type === 'SubscriptionRenewed' ||
    (type === 'PaymentFactRecorded' && 'effect' in data && data.effect === 'activation')
  );
}

/** How many renewals stand after the payment; `null`: something else does too, or in the same instant. */
function renewalsAfter(
  entries: readonly TimelineEntry[],
  placed: PlacedFact,
  { ledger }: SubscriptionState,
): number | null {
  let count = 0;
  for (;;) {
    const entry = entries[entries.length - 1 - count];
    if (entry === undefined || entry.place < placed.place) return count;
    const known = knownOf(entry, ledger);
    if (known === null || !paysTerm(entry)) return null;
    if (byPlace(known, placed) < 0) return count;
    count += 1;
  }
}
