/**
 * Disputes as the header knows them (`domain.md 6.3`): the reason `chargeback` holds while any dispute is open or was lost.
 *
 * @module
 */
import type { SubscriptionEventData } from './events.ts';
import type { SubscriptionHeader } from './header.ts';
import type { Lifecycle } from './lifecycle.ts';

/** How a dispute's fact was read when it was recorded. */
export type DisputeEffect = 'dispute_opened' | 'dispute_won' | 'dispute_lost';

/** Folds a dispute into the list of those that are open or lost. */
export function foldDispute(header: SubscriptionHeader, dispute: string, effect: DisputeEffect): Partial<Lifecycle> {
  const others = header.disputes.filter((known) => known.dispute !== dispute);
  return { disputes: effect === 'dispute_won' ? others : [...others, { dispute, lost: effect === 'dispute_lost' }] };
}

/** A reason of its own, and, while the subscription still runs, until when it may. */
export function foldReason(
  { disabledReasons, chargebackAt }: SubscriptionHeader,
  { reason, disableAt }: SubscriptionEventData<'DisableReasonAdded'>,
): Partial<Lifecycle> {
  return { disabledReasons: [...disabledReasons, reason], chargebackAt: disableAt ?? chargebackAt };
}

/** A reason is gone, with what it had brought along. */
export function foldRemovedReason(
  { disabledReasons }: SubscriptionHeader,
  { reason }: SubscriptionEventData<'DisableReasonRemoved'>,
): Partial<Lifecycle> {
  return {
    disabledReasons: disabledReasons.filter((other) => other !== reason),
    ...(reason === 'nonpayment' ? { balance: null, chargeFailed: false } : {}),
    ...(reason === 'chargeback' ? { chargebackAt: null } : {}),
  };
}
