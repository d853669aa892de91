/**
 * How a subscription ends, or is cut off: cancelled, expired, disabled, deleted.
 *
 * @module
 */
import { addDuration } from '../../calendar/index.ts';
import type { Instant } from '../../instant.ts';
import type { Money } from '../../money.ts';
import type { DecidedEvent, SubscriptionEventData } from '../events.ts';
import type { DisableReason, SubscriptionHeader } from '../header.ts';
import type { MachineEventOf, Situation } from '../situation.ts';
import { remainingValue, termPrice } from '../terms.ts';
import { releaseAllHolds } from './holds.ts';
import { dropScheduled } from './schedule.ts';

/** Inside a paid term, on purpose: straight to `cancelled`, with its own retention (`domain.md 1.3`, MOSA). */
export function cancel(
  situation: Situation,
  by: SubscriptionEventData<'SubscriptionCancelled'>['by'],
  reason?: string,
): DecidedEvent[] {
  const { header, at, policy } = situation;
  const credit = by === 'refund' || policy.cancellationCredit === 'none' ? null : unusedValue(header, at);
  return [
    ...releaseAllHolds(situation),
    ...dropScheduled(situation, 'cancelled'),
    {
      type: 'SubscriptionCancelled',
      data: {
        by,
        ...(credit === null ? {} : { credit }),
        retentionEndsAt: addDuration(at, policy.cancelledRetention, header.zone),
        purgeBy: addDuration(at, policy.dataPurgeAtLatest, header.zone),
      },
      effectiveAt: at,
      ...(reason === undefined ? {} : { reason }),
    },
  ];
}

/** What the rest of the paid time is worth; `null` without a price, in a trial, and while the term is not paid. */
export function unusedValue(header: SubscriptionHeader, at: Instant): Money | null {
  const due = termPrice(header);
  const isWorthMoney = header.status === 'active' && header.termPaid && !header.trial;
  if (!isWorthMoney || due === null || header.price === null) return null;
  // What is owed, for seats added since, was never received.
  const minor = remainingValue(header, due, at) - (header.balance?.minor ?? 0);
  return minor > 0 ? { minor, currency: header.price.currency } : null;
}

/** The flag that ends a subscription with its term (`domain.md 6.1`: a flag, not a state). */
export function scheduleCancellation(
  { header, at }: Situation,
  event: MachineEventOf<'cancel-at-term-end'>,
): DecidedEvent[] {
  const cancelAt = header.reactivation?.newTermEnd ?? header.termEnd;
  if (cancelAt === null || cancelAt === header.cancelAt) return [];
  return [
    {
      type: 'CancellationScheduled',
      data: { cancelAt },
      effectiveAt: at,
      ...(event.body.reason === undefined ? {} : { reason: event.body.reason }),
    },
  ];
}

/** Takes the flag back. */
export function undoCancellation({ header, at }: Situation): DecidedEvent[] {
  return header.cancelAt === null
    ? []
    : [{ type: 'CancellationUndone', data: { cancelAt: header.cancelAt }, effectiveAt: at }];
}

/** The term is over and nothing was paid for the next one. */
export function expire({ header, at, policy }: Situation): DecidedEvent[] {
  const grace = header.trial ? policy.trialGrace : policy.expiredGrace;
  return [
    ...releaseAllHolds({ header, at }),
    ...dropScheduled({ header, at }, 'expired'),
    { type: 'SubscriptionExpired', data: { graceEndsAt: addDuration(at, grace, header.zone) }, effectiveAt: at },
  ];
}

/** Cut off, recoverable until the retention ends. */
export function disable({ header, at, policy }: Situation, reason: DisableReason): DecidedEvent[] {
  const retentionEndsAt = addDuration(at, policy.disabledRetention, header.zone);
  const cancelAt = paymentAwaitedUntil(header, [...header.disabledReasons, reason], { since: at, policy });
  return [
    ...releaseAllHolds({ header, at }),
    ...dropScheduled({ header, at }, 'disabled'),
    {
      type: 'SubscriptionDisabled',
      data: { reasons: [reason], retentionEndsAt, ...(cancelAt === null ? {} : { cancelAt }) },
      effectiveAt: at,
    },
  ];
}

/** When a suspension for want of money becomes a cancellation (`domain.md 6.6`, suspendedForPayment); `null`: never. */
export function paymentAwaitedUntil(
  header: SubscriptionHeader,
  reasons: readonly DisableReason[],
  { since, policy }: { readonly since: Instant; readonly policy: Situation['policy'] },
): Instant | null {
  const isForMoney = reasons.every((reason) => reason === 'nonpayment' || reason === 'grace_elapsed');
  if (policy.suspendedForPayment === null || !isForMoney || header.termStart === null) return null;
  return addDuration(since, policy.suspendedForPayment, header.zone);
}

/** A further reason joins the set; one that is there already changes nothing. */
export function addDisableReason({ header, at }: Situation, reason: DisableReason): DecidedEvent[] {
  if (header.disabledReasons.includes(reason)) return [];
  return [{ type: 'DisableReasonAdded', data: { reason }, effectiveAt: at }];
}

/** At the end of grace: `nonpayment` if a charge had failed, else `grace_elapsed` (`domain.md 6.3`). */
export function disableAfterGrace(situation: Situation): DecidedEvent[] {
  return disable(situation, situation.header.chargeFailed ? 'nonpayment' : 'grace_elapsed');
}

/** The end: data is gone. */
export function remove(
  { at }: Situation,
  cause: SubscriptionEventData<'SubscriptionDeleted'>['cause'],
): DecidedEvent[] {
  return [{ type: 'SubscriptionDeleted', data: { cause }, effectiveAt: at }];
}
