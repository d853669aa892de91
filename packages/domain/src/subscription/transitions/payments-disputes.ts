/**
 * What disputes do (`domain.md 6.3`): the reason `chargeback` is there while any dispute is open or was lost.
 *
 * @module
 */
import { addDuration } from '../../calendar/index.ts';
import type { DisputeEffect } from '../disputes.ts';
import type { DecidedEvent } from '../events.ts';
import type { FactStep, Situation } from '../situation.ts';
import { disable } from './ending.ts';
import { record } from './payments.ts';
import { failBack } from './reactivation.ts';

function recordDispute(situation: Situation, step: FactStep, effect: DisputeEffect): DecidedEvent {
  return record(situation, step, effect);
}

function effectOf({ fact }: FactStep): DisputeEffect {
  return fact.kind === 'dispute_lost' ? 'dispute_lost' : 'dispute_opened';
}

/** The reason joins the set. Where users still have access, they lose it after `chargebackDisable`. */
export function addDispute(situation: Situation, step: FactStep): DecidedEvent[] {
  return [recordDispute(situation, step, effectOf(step)), ...addReason(situation)];
}

function addReason(situation: Situation): DecidedEvent[] {
  const { header, at, policy } = situation;
  if (header.disabledReasons.includes('chargeback')) return [];
  const origin = header.reactivation?.fromState ?? header.status;
  const hasAccess = origin === 'active' || origin === 'expired';
  return [
    {
      type: 'DisableReasonAdded',
      data: {
        reason: 'chargeback',
        ...(hasAccess ? { disableAt: addDuration(at, policy.chargebackDisable, header.zone) } : {}),
      },
      effectiveAt: at,
    },
  ];
}

/** Cut off at once. */
export function disableByDispute(situation: Situation, step: FactStep): DecidedEvent[] {
  return [recordDispute(situation, step, effectOf(step)), ...disable(situation, 'chargeback')];
}

/** Back to where the reactivation came from, with the reason. */
export function failDisputed(situation: Situation, step: FactStep): DecidedEvent[] {
  return [...addDispute(situation, step), ...failBack(situation, 'disputed', null)];
}

/** Whether the reason goes with this dispute: no other one is open or was lost. */
function isLastDispute({ header }: Situation, { payment }: FactStep): boolean {
  const isKnown = header.disputes.some(({ dispute }) => dispute === payment);
  return isKnown && header.disputes.length === 1 && header.disabledReasons.includes('chargeback');
}

/** Whether nothing else keeps the subscription disabled. */
export function winsLastReason(situation: Situation, step: FactStep): boolean {
  return isLastDispute(situation, step) && situation.header.disabledReasons.length === 1;
}

/** Won: the dispute is over, and with the last one the reason. */
export function closeDispute(situation: Situation, step: FactStep): DecidedEvent[] {
  const { header, at } = situation;
  const isKnown = header.disputes.some(({ dispute }) => dispute === step.payment);
  if (!isKnown) return [record(situation, step, 'noted')];
  return [
    recordDispute(situation, step, 'dispute_won'),
    ...(isLastDispute(situation, step)
      ? [{ type: 'DisableReasonRemoved' as const, data: { reason: 'chargeback' as const }, effectiveAt: at }]
      : []),
  ];
}

/** Won, and nothing else was wrong. What never started waits again, with its whole window for the first payment. */
export function enableByDispute(situation: Situation, step: FactStep): DecidedEvent[] {
  const { header, at, policy } = situation;
  const window = header.termStart === null && header.firstPaymentBy !== null ? policy.firstPaymentWindow : null;
  return [
    ...closeDispute(situation, step),
    {
      type: 'SubscriptionEnabled',
      data: window === null ? {} : { firstPaymentBy: addDuration(at, window, header.zone) },
      effectiveAt: at,
    },
  ];
}
