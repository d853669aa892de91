import type { Instant } from '../instant.ts';
import type { z } from 'zod';
import type { PaymentFact } from '../payment/fact.ts';
import type { SubscriptionEvent, commandTraceSchema } from './events.ts';

/** Events that never take part in the lifecycle: seats and payment methods commute with it. */
const besideLifecycle: ReadonlySet<SubscriptionEvent['type']> = new Set([
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

/**
 * What an event is to the lifecycle. `acting` and `parking` are part of it, so that a late fact can reverse them; `parking`
 * says that a payment waits for its term. `noting` records a fact that changes nothing.
 */
export type LifecyclePart = 'acting' | 'parking' | 'noting' | 'beside';

/** See {@link LifecyclePart}. */
export function partOf(event: Pick<SubscriptionEvent, 'type' | 'data'>): LifecyclePart {
  // Of these long histories consist: comparing one text costs less than a look into the set.
  if (event.type === 'SubscriptionRenewed') return 'acting';
  if (event.type !== 'PaymentFactRecorded') return besideLifecycle.has(event.type) ? 'beside' : 'acting';
  if (!('effect' in event.data)) return 'noting';
  const { effect } = event.data;
  if (effect === 'parked') return 'parking';
  return effectsOnHeader.has(effect) ? 'acting' : 'noting';
}

/** Whether the event is part of the lifecycle, so that a late fact can reverse it. */
export function isLifecycleEvent(event: Pick<SubscriptionEvent, 'type' | 'data'>): boolean {
  const part = partOf(event);
  return part === 'acting' || part === 'parking';
}

/** Whether the event says that a payment waits for its term. */
export function isParking(event: Pick<SubscriptionEvent, 'type' | 'data'>): boolean {
  return partOf(event) === 'parking';
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
