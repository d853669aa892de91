/**
 * The ledger: what is known of each payment, whatever order it became known in. Facts merge monotonically (earliest
 * settled instant, every distinct failed attempt, largest cumulative refund), so that any permutation and repetition of
 * the same facts gives the same ledger (`domain.md 6.10` rules 3, 8 and 11). What follows from it: payment-effects.ts.
 *
 * @module
 */
import type { PaymentFact, PaymentFactKind } from '../payment/fact.ts';
import { paymentKey } from './fold-payment.ts';
import { byPlace, comesBefore, type PlacedFact } from './fact-order.ts';
import {
  emptyPagedMap,
  pagedEntries,
  pagedGet,
  pagedInsert,
  pagedSet,
  type NodeOwner,
  type PagedMap,
} from './paged-map.ts';

/** What is known of one object of a provider. */
export type LedgerEntry = {
  readonly settled: PlacedFact | null;
  readonly failures: readonly PlacedFact[];
  readonly refunds: readonly PlacedFact[];
  /** All other kinds: of those that happen once to an object the earliest, of the others every instant. */
  readonly others: readonly PlacedFact[];
  /** References that only facts without a new effect named; those of the facts above are in the facts. */
  readonly refs: readonly string[];
};

/** See the module's description. */
export type Ledger = {
  readonly entries: PagedMap<LedgerEntry>;
  /** Objects that were refunded but not (yet) settled: their refund may belong to another object. */
  readonly refundedOnly: readonly string[];
};

const emptyEntry: LedgerEntry = { settled: null, failures: [], refunds: [], others: [], refs: [] };

/** Happen once to an object: a second report is the same one, and the earliest place counts. */
const once: ReadonlySet<PaymentFactKind> = new Set([
  'voided',
  'dispute_opened',
  'dispute_won',
  'dispute_lost',
  'ended',
]);

/** A ledger without payments. */
export const emptyLedger: Ledger = { entries: emptyPagedMap(), refundedOnly: [] };

/** What is known of a payment. */
export function ledgerEntry(ledger: Ledger, key: string): LedgerEntry {
  return pagedGet(ledger.entries, key) ?? emptyEntry;
}

/** Keys of all payments. */
export function* ledgerKeys(ledger: Ledger): Generator<string> {
  for (const [key] of pagedEntries(ledger.entries)) yield key;
}

/** Merges a fact; the same ledger (identical object) when it says nothing new: a duplicate of its effect. */
export function mergeFact(ledger: Ledger, placed: PlacedFact): Ledger {
  const merged = { entries: ledger.entries, refundedOnly: ledger.refundedOnly };
  return mergeInto(merged, placed, null) ? merged : ledger;
}

/** A ledger that nobody else has. */
export type LedgerDraft = { -readonly [K in keyof Ledger]: Ledger[K] };

/** {@link mergeFact} in place; false when it says nothing new. Pages that `owner` made are changed in place as well. */
export function mergeInto(ledger: LedgerDraft, placed: PlacedFact, owner: NodeOwner | null): boolean {
  const key = paymentKey(placed.fact);
  const entry = pagedGet(ledger.entries, key);
  if (entry === undefined) {
    const first = mergeEntry(emptyEntry, placed);
    ledger.entries = pagedInsert(ledger.entries, key, first, owner);
    if (first.refunds.length > 0) ledger.refundedOnly = withRefundedOnly(ledger.refundedOnly, key, true);
    return true;
  }
  const merged = withRefs(entry, mergeEntry(entry, placed), placed.fact);
  if (merged === entry) return false;
  ledger.entries = pagedSet(ledger.entries, key, merged, owner);
  const belongs = merged.settled === null && merged.refunds.length > 0;
  ledger.refundedOnly = withRefundedOnly(ledger.refundedOnly, key, belongs);
  return true;
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
  return mergeOther(entry, placed);
}

function mergeSettled(entry: LedgerEntry, placed: PlacedFact): LedgerEntry {
  if (entry.settled !== null && !comesBefore(placed, entry.settled)) return entry;
  const { failures, refunds, others, refs } = entry;
  return { settled: placed, failures, refunds, others, refs };
}

function mergeFailed(entry: LedgerEntry, placed: PlacedFact): LedgerEntry {
  const same = entry.failures.find((known) => attemptId(known.fact) === attemptId(placed.fact));
  if (same && !comesBefore(placed, same)) return entry;
  return { ...entry, failures: [...entry.failures.filter((known) => known !== same), placed].sort(byPlace) };
}

function mergeRefunded(entry: LedgerEntry, placed: PlacedFact): LedgerEntry {
  const isKnown = entry.refunds.some(
    (known) =>
      known.fact.chargeRef === placed.fact.chargeRef &&
      refundedSoFar(known.fact) >= refundedSoFar(placed.fact) &&
      !comesBefore(placed, known),
  );
  return isKnown ? entry : { ...entry, refunds: [...entry.refunds, placed].sort(byPlace) };
}

function mergeOther(entry: LedgerEntry, placed: PlacedFact): LedgerEntry {
  const { kind, occurredAt } = placed.fact;
  const same = entry.others.find(
    ({ fact }) => fact.kind === kind && (once.has(kind) || fact.occurredAt === occurredAt),
  );
  if (same && !comesBefore(placed, same)) return entry;
  return { ...entry, others: [...entry.others.filter((known) => known !== same), placed].sort(byPlace) };
}

/** A reference is never forgotten, also when the fact that named it says nothing else that is new. */
function withRefs(before: LedgerEntry, merged: LedgerEntry, fact: PaymentFact): LedgerEntry {
  const known = new Set(refsOfEntry(merged));
  const missing = [...new Set([...refsOfEntry(before), ...refsOf(fact)])].filter((ref) => !known.has(ref));
  return missing.length === 0 ? merged : { ...merged, refs: [...merged.refs, ...missing] };
}

/** Every reference that any fact about the object named. */
export function refsOfEntry(entry: LedgerEntry): readonly string[] {
  const { settled, failures, refunds, others, refs } = entry;
  const facts = [...(settled ? [settled] : []), ...failures, ...refunds, ...others];
  return [...facts.flatMap(({ fact }) => refsOf(fact)), ...refs];
}

/** What a fact calls the payment; the same text from two facts means the same payment. */
function refsOf(fact: PaymentFact): string[] {
  return [fact.providerObjectId, fact.invoiceRef, fact.chargeRef, fact.paymentRef].flatMap((ref) =>
    ref === undefined ? [] : [`${fact.provider}/${ref}`],
  );
}

/** Without a cumulative total the amount is one: a repeated refund event must not count twice. */
export function refundedSoFar(fact: PaymentFact): number {
  return fact.cumulativeRefunded ?? fact.amount?.minor ?? 0;
}

/** Attempts are told apart by their number, else by their instant. */
function attemptId(fact: PaymentFact): string {
  return fact.attempt === undefined ? fact.occurredAt : `#${fact.attempt}`;
}
