/**
 * What follows from the ledger: the steps in the life of each payment and dispute, reduced per object of the provider
 * (`domain.md 6.10` rule 11: refunded in full > voided > settled > failed finally > failed > action required; a dispute is
 * closed by its end, whenever its beginning arrives), each at its place in valid time.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { PaymentFactKind } from '../payment/fact.ts';
import { byPlace, comesBefore, type PlacedFact } from './fact-order.ts';
import { ledgerEntry, refsOfEntry, refundedSoFar, type Ledger, type LedgerEntry } from './ledger.ts';
import { pagedEntries } from './paged-map.ts';

/** A reduced fact: one step in the life of a payment, at its place. */
export type PaymentEffect = PlacedFact & {
  readonly kind: EffectKind;
  /** Key of the payment it is about: for a refund, of the payment that was refunded. */
  readonly payment: string;
  /** For a refund: all of it is given back. */
  readonly full: boolean;
  /** For a refund: how much more than before, in minor units. */
  readonly refunded: number;
};

/** The kinds of facts that can have consequences; every other one is noted. */
export type EffectKind = Exclude<PaymentFactKind, 'dispute_inquiry' | 'method_updated' | 'linked'>;

/** The steps in the life of the payments with these keys, in order of their places, from one on. */
export function effectsOf(ledger: Ledger, keys: Iterable<string>, from: Instant = ''): PaymentEffect[] {
  const effects: PaymentEffect[] = [];
  const refunded = new Set<string>();
  const owners = ownersOf(ledger);
  for (const key of keys) {
    const entry = ledgerEntry(ledger, key);
    addStanding(effects, key, entry);
    const isGivenBack = entry.refunds.length > 0 || (entry.others.length > 0 && ofKind(entry, 'voided') !== undefined);
    if (isGivenBack) refunded.add(owners.ownerOf.get(key) ?? key);
  }
  for (const key of refunded) addRefunds(effects, ledger, key, owners);
  const later = from === '' ? effects : effects.filter(({ place }) => place >= from);
  return later.length > 1 ? later.sort(byPlace) : later;
}

/** What stands of an object's own facts, refunds aside. */
function addStanding(effects: PaymentEffect[], key: string, entry: LedgerEntry): void {
  const { settled, failures, others } = entry;
  const voided = others.length === 0 ? undefined : ofKind(entry, 'voided');
  if (settled !== null && !stands(voided, settled)) effects.push(effect(settled, 'settled', key));
  for (const failure of failures) {
    const isOver = stands(voided, failure) || stands(settled, failure) || isAfterFinal(failures, failure);
    if (!isOver) effects.push(effect(failure, 'failed', key));
  }
  // Voided after it was paid: the money goes back, see addRefunds.
  if (voided && (settled === null || stands(voided, settled))) effects.push(effect(voided, 'voided', key));
  if (others.length > 0) {
    addActionsRequired(effects, key, entry, voided);
    addDispute(effects, key, entry);
    const ended = ofKind(entry, 'ended');
    if (ended) effects.push(effect(ended, 'ended', key));
  }
}

function addActionsRequired(
  effects: PaymentEffect[],
  key: string,
  { settled, failures, others }: LedgerEntry,
  voided: PlacedFact | undefined,
): void {
  for (const other of others) {
    if (other.fact.kind !== 'action_required') continue;
    const isOver = [voided, settled, ...failures].some((further) => stands(further, other));
    if (!isOver) effects.push(effect(other, 'action_required', key));
  }
}

/** The first end closes a dispute for good; a beginning that stands behind it never was one. */
function addDispute(effects: PaymentEffect[], key: string, entry: LedgerEntry): void {
  const opened = ofKind(entry, 'dispute_opened');
  const [won, lost] = [ofKind(entry, 'dispute_won'), ofKind(entry, 'dispute_lost')];
  const isWon = won !== undefined && (lost === undefined || comesBefore(won, lost));
  const closed = isWon ? won : lost;
  if (opened && !(closed && closed.place < opened.place)) effects.push(effect(opened, 'dispute_opened', key));
  if (closed) effects.push(effect(closed, isWon ? 'dispute_won' : 'dispute_lost', key));
}

function ofKind({ others }: LedgerEntry, kind: PaymentFactKind): PlacedFact | undefined {
  return others.find(({ fact }) => fact.kind === kind);
}

/** Whether a fact that goes further stands already where another one comes. */
function stands(further: PlacedFact | null | undefined, other: PlacedFact): boolean {
  return further !== null && further !== undefined && further.place <= other.place;
}

function isAfterFinal(failures: readonly PlacedFact[], failure: PlacedFact): boolean {
  return (
    failure.fact.nextAttemptAt !== null &&
    failures.some((other) => other.fact.nextAttemptAt === null && stands(other, failure))
  );
}

function effect({ fact, place, after }: PlacedFact, kind: EffectKind, payment: string): PaymentEffect {
  return { fact, place, after, kind, payment, full: false, refunded: 0 };
}

/** Refunds by cumulative totals: only what raises the sum given back is a step (`domain.md 6.10` rule 3). */
function addRefunds(effects: PaymentEffect[], ledger: Ledger, key: string, owners: Owners): void {
  const entry = ledgerEntry(ledger, key);
  const { settled } = entry;
  const voided = ofKind(entry, 'voided');
  if (settled === null || stands(voided, settled)) return;
  const amount = settled.fact.amount?.minor ?? 0;
  const byCharge = new Map<string | undefined, number>();
  let total = 0;
  for (const refund of refundsOf(ledger, key, owners, voided)) {
    const { chargeRef } = refund.fact;
    byCharge.set(chargeRef, Math.max(byCharge.get(chargeRef) ?? 0, refundedSoFar(refund.fact)));
    const next = refund === voided ? Math.max(total, amount) : Math.max(total, sumOf(byCharge));
    if (next > total) {
      // Money cannot go back before it came.
      const place = refund.place < settled.place ? settled.place : refund.place;
      const isFull = total < amount && next >= amount;
      effects.push({ ...refund, place, kind: 'refunded', payment: key, full: isFull, refunded: next - total });
    }
    // Nothing is left to give back after a void.
    if (refund === voided) return;
    total = next;
  }
}

/** Totals are per charge; a refund that names no charge says the total of the payment. */
function sumOf(byCharge: ReadonlyMap<string | undefined, number>): number {
  let sum = 0;
  for (const [charge, total] of byCharge) if (charge !== undefined) sum += total;
  return Math.max(sum, byCharge.get(undefined) ?? 0);
}

/** All that gives a payment back: its own refunds, those that know it by another reference, and its being voided. */
function refundsOf(ledger: Ledger, key: string, owners: Owners, voided: PlacedFact | undefined): PlacedFact[] {
  const elsewhere = (owners.owned.get(key) ?? []).flatMap((other) => ledgerEntry(ledger, other).refunds);
  return [...ledgerEntry(ledger, key).refunds, ...elsewhere, ...(voided ? [voided] : [])].sort(byPlace);
}

/** Which payment each refund of an object that was never settled gives back, and the other way round. */
type Owners = {
  readonly ownerOf: ReadonlyMap<string, string>;
  readonly owned: ReadonlyMap<string, readonly string[]>;
};

type Settled = { readonly key: string; readonly settled: PlacedFact };

const noOwners: Owners = { ownerOf: new Map(), owned: new Map() };

/** The first payment that shares a reference: one look at each payment, however many refunds wait for theirs. */
function ownersOf(ledger: Ledger): Owners {
  if (ledger.refundedOnly.length === 0) return noOwners;
  const refsOf = new Map(ledger.refundedOnly.map((key) => [key, refsOfEntry(ledgerEntry(ledger, key))]));
  const payments = firstByReference(ledger, new Set([...refsOf.values()].flat()));
  const ownerOf = new Map<string, string>();
  const owned = new Map<string, string[]>();
  for (const [key, refs] of refsOf) {
    const owner = refs.reduce<Settled | null>((first, ref) => earlier(first, payments.get(ref) ?? null), null);
    if (owner === null) continue;
    ownerOf.set(key, owner.key);
    const others = owned.get(owner.key);
    if (others) others.push(key);
    else owned.set(owner.key, [key]);
  }
  return { ownerOf, owned };
}

function firstByReference(ledger: Ledger, wanted: ReadonlySet<string>): ReadonlyMap<string, Settled> {
  const first = new Map<string, Settled>();
  for (const [key, entry] of pagedEntries(ledger.entries)) {
    if (entry.settled === null) continue;
    const payment = { key, settled: entry.settled };
    for (const ref of refsOfEntry(entry)) {
      if (wanted.has(ref)) first.set(ref, earlier(first.get(ref) ?? null, payment) ?? payment);
    }
  }
  return first;
}

function earlier(a: Settled | null, b: Settled | null): Settled | null {
  if (a === null || b === null || a.key === b.key) return a ?? b;
  return comesBefore(b.settled, a.settled) ? b : a;
}
