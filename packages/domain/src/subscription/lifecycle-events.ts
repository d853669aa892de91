import type { Instant } from '../instant.ts';
import type { z } from 'zod';
import type { PaymentFact } from '../payment/fact.ts';
import type { SubscriptionEvent, commandTraceSchema } from './events.ts';

/** Events that never take part in the lifecycle: seats and payment methods commute with it. */
export const besideLifecycle: ReadonlySet<SubscriptionEvent['type']> = new Set([
  'SubscriptionCreated',
  'PaymentMethodChanged',
  'LicenseAssigned',
  'LicenseUnassigned',
  'LicenseMoved',
  'SeatConflictOpened',
  'SeatConflictResolved',
  'SeatConflictLapsed',
  'DataExported',
  'NoteAdded',
  'FactCorrected',
  'SuccessorReserved',
  'SuccessorStarted',
  'SuccessorReleased',
]);
/** Readings of a recorded fact that change the header themselves; all others have events of their own for it. */
const effectsOnHeader: ReadonlySet<string> = new Set([
  'parked',
  'activation',
  'charge_failed',
  'refund',
  'balance',
  'credit',
  'dispute_opened',
  'dispute_won',
  'dispute_lost',
  'ended',
]);

/** Whether the event is part of the lifecycle, so that a late fact can reverse it. */
export function isLifecycleEvent(event: Pick<SubscriptionEvent, 'type' | 'data'>): boolean {
  if (event.type === 'PaymentFactRecorded') return 'effect' in event.data && effectsOnHeader.has(event.data.effect);
  return !besideLifecycle.has(event.type);
}

/** Whether the event says that a payment waits for its term. */
export function isParking(event: Pick<SubscriptionEvent, 'type' | 'data'>): boolean {
  return event.type === 'PaymentFactRecorded' && 'effect' in event.data && event.data.effect === 'parked';
}

/** The place of an event in valid time: a renewal stands where it was paid, not where its term begins. */
export function placeOf(event: Pick<SubscriptionEvent, 'data' | 'effectiveAt'>): Instant {
  const { fact, appliedAt } = carriedBy(event);
  return appliedAt ?? fact?.occurredAt ?? event.effectiveAt;
}

/** What events of several types have in their data. */
type Carried = {
  readonly fact?: PaymentFact;
  readonly appliedAt?: Instant;
  readonly command?: z.infer<typeof commandTraceSchema>;
};

/** The fact or the command that an event carries, if it carries one. */
export function carriedBy(event: Pick<SubscriptionEvent, 'data'>): Carried {
  // Wherever these fields exist they have these types. `in` would ask first, and costs ten times as much as the field.
  return event.data as Carried;
}
