/**
 * The ledger: what is known of each payment, whatever order it became known in. Facts merge monotonically (earliest
 * settled instant, every distinct failed attempt, largest cumulative refund), so that any permutation and repetition of
 * the same facts gives the same ledger (`domain.md 6.10` rules 3, 8 and 11).
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { PaymentFact } from '../payment/fact.ts';
import { paymentKey } from './evolve-header.ts';
import { emptyPagedMap, pagedEntries, pagedGet, pagedSet, type PagedMap } from './paged-map.ts';

/** A fact at its place in valid time. */
export type PlacedFact = {
  readonly fact: PaymentFact;
  /** When it applies: never before the subscription was created, never after it was recorded. */
  readonly place: Instant;
  /** How many lifecycle commands had been accepted when it became known: orders facts and commands of one instant. */
  readonly after: number;
};

/** What is known of one object of a provider. */
export type LedgerEntry = {
  readonly settled: PlacedFact | null;
  readonly failures: readonly PlacedFact[];
  readonly refunds: readonly PlacedFact[];
  /** Kind and instant of facts without an interpretation here. */
  readonly noted: readonly string[];
};

/** See the module's description. */
export type Ledger = {
  readonly entries: PagedMap<LedgerEntry>;
  /** Objects that were refunded but not (yet) settled: their refund may belong to another object. */
  readonly refundedOnly: readonly string[];
};

/** A reduced fact: one step in the life of a payment, at its place. */
export type PaymentEffect = PlacedFact & {
  readonly kind: 'settled' | 'failed' | 'refunded';
  /** Key of the payment it is about: for a refund, of the payment that was refunded. */
  readonly payment: string;
  /** For a refund: all of it is given back. */
  readonly full: boolean;
  /** For a refund: how much more than before, in minor units. */
  readonly refunded: number;
};

const emptyEntry: LedgerEntry = { settled: null, failures: [], refunds: [], noted: [] };

/** A ledger without payments. */
export const emptyLedger: Ledger = { entries: emptyPagedMap(), refundedOnly: [] };

/** What is known of a payment. */
export function ledgerEntry(ledger: Ledger, key: string): LedgerEntry {
  return pagedGet(ledger.entries, key) ?? emptyEntry;
}

/** Merges a fact; the same ledger (identical object) when it says nothing new: a duplicate of its effect. */
export function mergeFact(ledger: Ledger, placed: PlacedFact): Ledger {
  const key = paymentKey(placed.fact);
  const entry = ledgerEntry(ledger, key);
  const merged = mergeEntry(entry, placed);
  if (merged === entry) return ledger;
  return {
    entries: pagedSet(ledger.entries, key, merged),
    refundedOnly: withRefundedOnly(ledger.refundedOnly, key, merged.settled === null && merged.refunds.length > 0),
  };
}

function withRefundedOnly(keys: readonly string[], key: string, belongs: boolean): readonly string[] {
  if (keys.includes(key) === belongs) return keys;
  return belongs ? [...keys, key] : keys.filter((other) => other !== key);
}

function mergeEntry(entry: LedgerEntry, placed: PlacedFact): LedgerEntry {
  const { kind } = placed.fact;
  if (kind === 'settled') return mergeSettled(entry, placed);
  if (kind === 'failed') return mergeFailed(entry, placed);
  if (kind === 'refunded') return mergeRefunded(entry, placed);
  const note = `${kind}@${placed.fact.occurredAt}`;
  return entry.noted.includes(note) ? entry : { ...entry, noted: [...entry.noted, note] };
}

function mergeSettled(entry: LedgerEntry, placed: PlacedFact): LedgerEntry {
  return entry.settled !== null && !comesBefore(placed, entry.settled)
    ? entry
    : { settled: placed, failures: entry.failures, refunds: entry.refunds, noted: entry.noted };
}

function mergeFailed(entry: LedgerEntry, placed: PlacedFact): LedgerEntry {
  const same = entry.failures.find((known) => attemptId(known.fact) === attemptId(placed.fact));
  if (same && !comesBefore(placed, same)) return entry;
  return { ...entry, failures: [...entry.failures.filter((known) => known !== same), placed].sort(byPlace) };
}

function mergeRefunded(entry: LedgerEntry, placed: PlacedFact): LedgerEntry {
  const isKnown = entry.refunds.some(
    (known) => cumulative(known.fact) >= cumulative(placed.fact) && !comesBefore(placed, known),
  );
  return isKnown ? entry : { ...entry, refunds: [...entry.refunds, placed].sort(byPlace) };
}

/** The steps in the life of the payments with these keys, in order of their places, from one on. */
export function effectsOf(ledger: Ledger, keys: Iterable<string>, from: Instant = ''): PaymentEffect[] {
  const effects: PaymentEffect[] = [];
  for (const key of keys) {
    const entry = ledgerEntry(ledger, key);
    const { settled } = entry;
    if (settled !== null && settled.place >= from) effects.push(effect(settled, 'settled', key));
    for (const failure of entry.failures) {
      // Settled is further than failed, from its own place on (`domain.md 6.10` rule 11).
      const isSettled = settled !== null && settled.place <= failure.place;
      if (!isSettled && failure.place >= from) effects.push(effect(failure, 'failed', key));
    }
    if (entry.refunds.length === 0) continue;
    for (const refund of refundEffects(ledger, key, entry)) if (refund.place >= from) effects.push(refund);
  }
  return effects.length > 1 ? effects.sort(byPlace) : effects;
}

function effect({ fact, place, after }: PlacedFact, kind: 'settled' | 'failed', payment: string): PaymentEffect {
  return { fact, place, after, kind, payment, full: false, refunded: 0 };
}

/** Keys of all payments. */
export function* ledgerKeys(ledger: Ledger): Generator<string> {
  for (const [key] of pagedEntries(ledger.entries)) yield key;
}

/** Refunds by cumulative total: only what raises it is a step (`domain.md 6.10` rule 3). */
function refundEffects(ledger: Ledger, key: string, entry: LedgerEntry): PaymentEffect[] {
  const [payment, settled] = refundedPayment(ledger, key, entry);
  if (settled === null) return [];
  const effects: PaymentEffect[] = [];
  let total = 0;
  for (const refund of entry.refunds) {
    const next = Math.max(total, cumulative(refund.fact));
    if (next === total) continue;
    const amount = settled.fact.amount?.minor ?? 0;
    effects.push({
      ...refund,
      // Money cannot go back before it came.
      place: refund.place < settled.place ? settled.place : refund.place,
      kind: 'refunded',
      payment,
      full: total < amount && next >= amount,
      refunded: next - total,
    });
    total = next;
  }
  return effects;
}

/** The payment that a refund gives back: its own object, else the one that shares its invoice or charge. */
function refundedPayment(ledger: Ledger, key: string, entry: LedgerEntry): readonly [string, PlacedFact | null] {
  if (entry.settled) return [key, entry.settled];
  const refs = new Set(entry.refunds.flatMap(({ fact }) => refsOf(fact)));
  const matches: (readonly [string, PlacedFact])[] = [];
  for (const [other, { settled }] of pagedEntries(ledger.entries)) {
    if (settled && refsOf(settled.fact).some((ref) => refs.has(ref))) matches.push([other, settled]);
  }
  matches.sort((a, b) => byPlace(a[1], b[1]));
  return matches[0] ?? [key, null];
}

function refsOf(fact: PaymentFact): string[] {
  return [fact.providerObjectId, fact.invoiceRef, fact.chargeRef].flatMap((ref) =>
    ref === undefined ? [] : [`${fact.provider}/${ref}`],
  );
}

/** Without a cumulative total the amount is one: a repeated refund event must not count twice. */
function cumulative(fact: PaymentFact): number {
  return fact.cumulativeRefunded ?? fact.amount?.minor ?? 0;
}

/** Attempts are told apart by their number, else by their instant. */
function attemptId(fact: PaymentFact): string {
  return fact.attempt === undefined ? fact.occurredAt : `#${fact.attempt}`;
}

/** The order of facts: place, then the commands they came after, then a fixed order of their own (`domain.md 6.10` rule 11). */
export function byPlace(a: PlacedFact, b: PlacedFact): number {
  if (a.place !== b.place) return a.place < b.place ? -1 : 1;
  if (a.after !== b.after) return a.after - b.after;
  return orderOf(a.fact) < orderOf(b.fact) ? -1 : orderOf(a.fact) > orderOf(b.fact) ? 1 : 0;
}

function comesBefore(a: PlacedFact, b: PlacedFact): boolean {
  return a.place !== b.place ? a.place < b.place : orderOf(a.fact) < orderOf(b.fact);
}

/** Kinds of one payment at one instant in their natural order, then ids. */
function orderOf(fact: PaymentFact): string {
  return `${fact.occurredAt} ${fact.kind === 'failed' ? 0 : fact.kind === 'settled' ? 1 : 2} ${fact.provider}/${fact.providerObjectId}/${fact.providerEventId}`;
}
