/**
 * What the machine asks of a payment fact in a situation (`domain.md 6.3`).
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { SubscriptionHeader, SubscriptionStatus } from './header.ts';
import type { FactStep, Situation } from './situation.ts';
import { termPrice } from './terms.ts';
import * as payments from './transitions/payments.ts';
import * as reactivation from './transitions/reactivation.ts';

/** Kinds of facts that leave nothing but a note, in one state or another. */
export const notable = [
  'fact.failed',
  'fact.action_required',
  'fact.voided',
  'fact.dispute_opened',
  'fact.dispute_won',
  'fact.dispute_lost',
  'fact.method_updated',
  'fact.ended',
  'fact.noted',
] as const;

const isAutoWhenDisabled = ({ header, policy }: Situation): boolean =>
  policy.latePayment.inDisabled === 'auto' &&
  header.disabledReasons.every((reason) => policy.latePayment.autoDisableReasons.includes(reason));

const isAutoInGrace = ({ header, policy }: Situation): boolean =>
  header.disabledReasons.every((reason) => policy.latePayment.autoDisableReasons.includes(reason)) &&
  (policy.latePayment.inGrace === 'auto' ||
    (policy.latePayment.inGrace === 'auto_if_recurring' && header.recurringBilling));

const coversNewTerm = (situation: Situation, step: FactStep): boolean => {
  const { header } = situation;
  // What runs on as another subscription does not come back beside it.
  return (
    header.successor === null &&
    !header.trial &&
    reactivation.resumption(situation) !== null &&
    reactivation.paysResumption(situation, step)
  );
};

/** Whether the last term that was decided for still runs. */
export const isInTerm = ({ header, at }: Situation): boolean => header.termEnd !== null && at < header.termEnd;

/** Whether nothing but money keeps it disabled. */
export function isOnlyNonpayment({ header }: Situation): boolean {
  return header.disabledReasons.every((reason) => reason === 'nonpayment');
}

/** On time while disabled: the term still runs and what is owed is paid. */
export function settlesArrears(situation: Situation, step: FactStep): boolean {
  const { header } = situation;
  if (!header.disabledReasons.includes('nonpayment') || !isInTerm(situation)) return false;
  return reactivation.arrearsTarget(situation, step) !== null && termPrice(header) !== 0;
}

/** Whether the charge for a reactivation that came from a state has failed for good. */
export function failsReactivation(situation: Situation, step: FactStep, origin: SubscriptionStatus): boolean {
  const isFinal = step.fact.nextAttemptAt === null;
  return (
    isFinal && situation.header.reactivation?.fromState === origin && reactivation.isForReactivation(situation, step)
  );
}

/** Whether the money that paid for a reactivation, or for the term it resumed, is given back. */
export function refundsReactivation(situation: Situation, step: FactStep, origin: SubscriptionStatus): boolean {
  const { header } = situation;
  const paysIt = header.account.some(({ payment }) => payment === step.payment);
  // A new term is what the reactivation itself has to pay: the one before it is an old one.
  const isResumed = header.reactivation?.resumeKind === 'in_term';
  const isCurrent = paysIt || (isResumed && payments.refundedTerm(situation, step) === 'current');
  return header.reactivation?.fromState === origin && step.full && isCurrent;
}

/** Late, and by policy enough to come back by itself from grace (`domain.md 6.3`, late-payment defaults). */
export function paysLateInGrace(situation: Situation, step: FactStep): boolean {
  return isAutoInGrace(situation) && coversNewTerm(situation, step);
}

/** Late, and by policy enough to come back by itself after having been cut off. */
export function paysLateWhenDisabled(situation: Situation, step: FactStep): boolean {
  return isAutoWhenDisabled(situation) && !isInTerm(situation) && coversNewTerm(situation, step);
}

/** Whether a provider's ending cuts a term short: at its end the term expires, and a later one that is paid goes on. */
export function endsInsideTerm({ header, at }: Situation): boolean {
  const termEnd = header.reactivation?.newTermEnd ?? header.termEnd;
  return termEnd !== null && at < termEnd && !isPaidAhead(header, at);
}

/** Whether the last term that was paid for begins only later. */
export function isPaidAhead({ termStart }: SubscriptionHeader, at: Instant): boolean {
  return termStart !== null && termStart > at;
}

/** Whether a start that never came about has its money given back. */
export function refundsStart({ header }: Situation, step: FactStep): boolean {
  return header.termStart === null && step.full && header.parked.some(({ payment }) => payment === step.payment);
}
