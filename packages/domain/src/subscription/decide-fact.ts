import { addDuration } from '../calendar/index.ts';
import type { Instant } from '../instant.ts';
import type { PaymentFact } from '../payment/fact.ts';
import type { Deciding } from './decide-command.ts';
import { isPaidAhead } from './fact-guards.ts';
import type { FactOutcome, SubscriptionDecision } from './decision.ts';
import { paymentKey } from './fold-payment.ts';
import type { DecidedEvent } from './events.ts';
import { commandsBefore, ownPlace, type PlacedFact } from './fact-order.ts';
import { chainItems } from './chain.ts';
import { isDeletion, isDeletionDue, nextDeadline } from './deadlines.ts';
import { ledgerEntry, mergeFact, type Ledger } from './ledger.ts';
import { decideMethodUpdate } from './method-update.ts';
import { effectsOf, type PaymentEffect } from './payment-effects.ts';
import { pagedGet } from './paged-map.ts';
import { renewalAmongOthers } from './renewal-among-others.ts';
import { restate } from './restatement.ts';
import { situationAt } from './simulation.ts';
import { carriedBy, isLifecycleEvent } from './lifecycle-events.ts';
import { headerBefore } from './timeline.ts';
import { step } from './step.ts';
import { laterOf } from './terms.ts';
import { record } from './transitions/payments.ts';

/** A provider's clock may run ahead by this much; beyond it a fact is quarantined (`domain.md 6.10` rule 12). */
const clockSkewMax = 'PT5M';

/**
 * A payment fact is never refused for the state: it enters the ledger at its place, and what follows from it is the
 * difference between what is recorded and what would have been, had it been known at once.
 */
export function decideFact(deciding: Deciding, fact: PaymentFact): SubscriptionDecision {
  const { state, header, policy } = deciding;
  if (isContradictory(deciding, fact)) return { kind: 'nothing', outcome: 'QUARANTINED_CONTRADICTION' };
  const place = placeOfFact(deciding, fact);
  const placed: PlacedFact = { fact, place, after: commandsBefore(state.commands, place) };
  const ledger = mergeFact(state.ledger, placed);
  if (ledger === state.ledger) return { kind: 'nothing', outcome: 'DUPLICATE_EFFECT' };
  if (header.status === 'deleted') return tooLate(deciding, placed);
  // A later term is paid already: what ended was an earlier subscription of the provider's (`domain.md 6.10` rule 7).
  if (fact.kind === 'ended' && isPaidAhead(header, fact.occurredAt)) return { kind: 'nothing', outcome: 'STALE_FACT' };
  if (fact.kind === 'method_updated') return decideMethodUpdate(deciding, placed, ledger);

  const from = firstChange(state.ledger, ledger, paymentKey(fact));
  if (from === null) {
    const events = step(situationAt(header, placed.place, policy), { type: 'fact.noted', ...factStep(fact) }) ?? [];
    return { kind: 'accepted', events, outcome: isStale(fact, ledger) ? 'STALE_FACT' : 'NOTED' };
  }
  const news = { fact, place: placed.place, ledger, from: laterOf(from, header.createdAt) };
  const renewal = renewalAmongOthers(deciding, placed);
  const events =
    renewal !== null
      ? [renewal]
      : parksBesideOthers(deciding, placed)
        ? [record({ at: placed.place }, { fact }, 'parked')]
        : restate(deciding, news);
  return { kind: 'accepted', events: [...events, ...withdrawnReading(state, placed)], outcome: outcomeOf(events) };
}

/**
 * A payment that was voided before it was settled never counted. Where it was used, that is undone; where it came too late
 * to be of use, somebody may be about to give it back (`refund_due`), so it is read once more, as what it is.
 */
function withdrawnReading(
  { ledger, timeline }: Deciding['state'],
  { fact, place }: PlacedFact,
): readonly DecidedEvent[] {
  const key = paymentKey(fact);
  const { settled } = ledgerEntry(ledger, key);
  if (fact.kind !== 'voided' || settled === null || settled.place < place) return [];
  const isUsed = chainItems(timeline).some((entry) => {
    const { fact: carried } = carriedBy(entry);
    return carried?.kind === 'settled' && paymentKey(carried) === key;
  });
  return isUsed ? [] : [record({ at: settled.place }, { fact: settled.fact }, 'noted')];
}

/**
 * Before the start every payment waits, and those that wait commute: one more joins them without deciding them again,
 * however many there are and wherever it stands among them.
 */
function parksBesideOthers({ state, header, now }: Deciding, { fact, place }: PlacedFact): boolean {
  const isAlone =
    pagedGet(state.ledger.entries, paymentKey(fact)) === undefined && state.ledger.refundedOnly.length === 0;
  if (fact.kind !== 'settled' || header.status !== 'pending' || !isAlone || state.latestActed >= place) return false;
  const entries = chainItems(state.timeline);
  const index = entries.findIndex((entry) => entry.place >= place);
  const before = index < 0 ? header : headerBefore(entries, index);
  const deadline = nextDeadline(header);
  const isStarting = deadline !== null && deadline.at <= now && !isDeletion(header, deadline);
  return !isStarting && !isDeletionDue(before, place);
}

function isContradictory({ header, context }: Deciding, fact: PaymentFact): boolean {
  if (fact.occurredAt > context.now && fact.occurredAt > addDuration(context.now, clockSkewMax, 'UTC')) return true;
  const isForeign =
    header.price !== null && fact.amount !== undefined && fact.amount.currency !== header.price.currency;
  return isForeign && (fact.kind === 'settled' || fact.kind === 'refunded');
}

/** Where a fact stands: not after it became known. */
function placeOfFact({ state, header, now }: Deciding, fact: PaymentFact): Instant {
  const place = ownPlace(fact, header.createdAt, state.commands);
  return place > now ? now : place;
}

/** Something that goes further stands already. What waits for the payment it refers to is not stale. */
function isStale(fact: PaymentFact, ledger: Ledger): boolean {
  if (fact.kind === 'linked' || fact.kind === 'dispute_inquiry') return false;
  return fact.kind !== 'refunded' || ledgerEntry(ledger, paymentKey(fact)).settled !== null;
}

/** What is gone does not come back: the money does, once (`domain.md 6.3`, deleted). */
function tooLate({ state, header, policy }: Deciding, { fact, place }: PlacedFact): SubscriptionDecision {
  const isMoney = fact.kind === 'settled' && ledgerEntry(state.ledger, paymentKey(fact)).settled === null;
  const type = isMoney ? 'fact.settled' : 'fact.noted';
  const events = step(situationAt(header, place, policy), { type, ...factStep(fact) }) ?? [];
  return { kind: 'accepted', events, outcome: isMoney ? 'REFUND_DUE' : 'NOTED' };
}

function factStep(fact: PaymentFact): { fact: PaymentFact; payment: string; full: boolean; refunded: number } {
  return { fact, payment: paymentKey(fact), full: false, refunded: 0 };
}

/** The place of the first step that the new ledger has and the old one has not, or the other way round. */
function firstChange(before: Ledger, after: Ledger, key: string): Instant | null {
  const keys = new Set([key, ...before.refundedOnly, ...after.refundedOnly]);
  const old = effectsOf(before, keys);
  const now = effectsOf(after, keys);
  const changed = [...without(old, now), ...without(now, old)];
  return changed.reduce<Instant | null>((first, { place }) => (first === null || place < first ? place : first), null);
}

function without(effects: readonly PaymentEffect[], others: readonly PaymentEffect[]): PaymentEffect[] {
  const byFact = new Map<PaymentFact, PaymentEffect[]>();
  for (const other of others) byFact.set(other.fact, [...(byFact.get(other.fact) ?? []), other]);
  return effects.filter((effect) => !byFact.get(effect.fact)?.some((other) => isSame(effect, other)));
}

function isSame(a: PaymentEffect, b: PaymentEffect): boolean {
  return a.place === b.place && a.payment === b.payment && a.full === b.full && a.refunded === b.refunded;
}

/** What became of the fact, by what is recorded with it. */
function outcomeOf(events: readonly DecidedEvent[]): FactOutcome {
  if (events.some((event) => event.type === 'PaymentFactRecorded' && event.data.effect === 'refund_due'))
    return 'REFUND_DUE';
  return events.some((event) => event.type !== 'PaymentFactRecorded' || isLifecycleEvent(event)) ? 'APPLIED' : 'NOTED';
}
