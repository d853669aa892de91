/**
 * The order of payment facts: the same whatever order they became known in (`domain.md 6.10` rule 11).
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { PaymentFact, PaymentFactKind } from '../payment/fact.ts';
import { laterOf } from './terms.ts';

/** A fact at its place in valid time. */
export type PlacedFact = {
  readonly fact: PaymentFact;
  /** When it applies: never before the subscription was created, never after it was recorded. */
  readonly place: Instant;
  /** How many of the lifecycle commands up to its place had been accepted when it became known, see {@link commandsBefore}. */
  readonly after: number;
};

/**
 * What a fact that becomes known now comes after: of the commands at its own instant, those that were there already. Later
 * ones do not count, so that two facts of one instant stand in one order, whenever each became known.
 */
export function commandsBefore(accepted: readonly { readonly at: Instant }[], place: Instant): number {
  let count = accepted.length;
  // Accepted in the order of their instants.
  while (count > 0 && (accepted[count - 1]?.at ?? '') > place) count -= 1;
  return count;
}

/**
 * Where a fact stands: at its own instant, but not before the subscription or the reactivation that it names existed. What
 * it does may stand later, as a refund that is dated before its payment does.
 */
export function ownPlace(
  fact: PaymentFact,
  createdAt: Instant,
  accepted: readonly { readonly at: Instant; readonly body: Readonly<Record<string, unknown>> }[],
): Instant {
  const { occurredAt, reactivationRef } = fact;
  const named = reactivationRef === undefined ? undefined : accepted.find((command) => opens(command, reactivationRef));
  return laterOf(occurredAt, laterOf(createdAt, named?.at ?? ''));
}

/** Where a recorded fact stands: in its own place, but never after the one that its event has. */
export function placeRecorded(
  fact: PaymentFact,
  place: Instant,
  createdAt: Instant,
  accepted: Parameters<typeof ownPlace>[2],
): Instant {
  // Its own place is never before its instant.
  if (place === fact.occurredAt) return place;
  const own = ownPlace(fact, createdAt, accepted);
  return place < own ? place : own;
}

function opens({ body }: { readonly body: Readonly<Record<string, unknown>> }, reactivationId: string): boolean {
  const memory = body['memory'];
  return (
    typeof memory === 'object' &&
    memory !== null &&
    'reactivationId' in memory &&
    memory.reactivationId === reactivationId
  );
}

/** Kinds of one instant in their natural order: one digit each, because they are compared as text. */
const naturalOrder: Readonly<Record<PaymentFactKind, number>> = {
  linked: 0,
  action_required: 1,
  failed: 2,
  settled: 3,
  voided: 4,
  refunded: 5,
  dispute_inquiry: 6,
  dispute_opened: 7,
  dispute_lost: 8,
  dispute_won: 9,
  method_updated: 9,
  ended: 9,
};

/** By place, then by the commands they came after, then in a fixed order of their own. */
export function byPlace(a: PlacedFact, b: PlacedFact): number {
  if (a.place !== b.place) return a.place < b.place ? -1 : 1;
  if (a.after !== b.after) return a.after - b.after;
  return orderOf(a.fact) < orderOf(b.fact) ? -1 : orderOf(a.fact) > orderOf(b.fact) ? 1 : 0;
}

/** Whether `a` stands before `b`, whenever either became known. */
export function comesBefore(a: PlacedFact, b: PlacedFact): boolean {
  return a.place !== b.place ? a.place < b.place : orderOf(a.fact) < orderOf(b.fact);
}

/**
 * By what facts say, not by the event that said it: two events about one effect stand at one place in one order, so the
 * second is a duplicate, whichever of them it is.
 */
function orderOf(fact: PaymentFact): string {
  const { amount, servicePeriod, reactivationRef, cumulativeRefunded, nextAttemptAt, decline, paymentMethod } = fact;
  const said = JSON.stringify([
    [amount?.minor, amount?.currency],
    [servicePeriod?.start, servicePeriod?.end],
    [reactivationRef, cumulativeRefunded, nextAttemptAt === undefined ? 'unknown' : nextAttemptAt, decline],
    [paymentMethod?.brand, paymentMethod?.last4, paymentMethod?.expires],
  ]);
  return `${fact.occurredAt} ${naturalOrder[fact.kind]} ${fact.provider}/${fact.providerObjectId} ${said}`;
}
