/**
 * Trials (`domain.md 1.3`, `domain.md 6.2`): extended once near their end, and bought.
 *
 * @module
 */
import { addDuration } from '../../calendar/index.ts';
import type { Instant } from '../../instant.ts';
import type { PolicyProfile } from '../../policy/index.ts';
import type { DecidedEvent } from '../events.ts';
import type { SubscriptionHeader } from '../header.ts';
import type { MachineEventOf, Situation } from '../situation.ts';
import { nextTerm, termFrom } from '../terms.ts';
import { methodGiven } from './settings.ts';

/** A trial ends later. */
export function extendTrial({ header, at, policy }: Situation): DecidedEvent[] {
  if (header.termEnd === null) return [];
  const termEnd = addDuration(header.termEnd, policy.trialExtension, header.zone);
  return [{ type: 'TrialExtended', data: { termEnd }, effectiveAt: at }];
}

/** From when on a trial may be extended; `null` without a trial that runs. */
export function extensionOpensAt(header: SubscriptionHeader, policy: PolicyProfile): Instant | null {
  if (!header.trial || header.termEnd === null) return null;
  return addDuration(header.termEnd, `-${policy.trialExtensionWindow}`, header.zone);
}

/**
 * Bought. The first paid term follows the trial, so that nobody loses days by buying early; in the grace after it, it
 * begins at once. Its payment is awaited like that of any first term.
 */
export function convertTrial(situation: Situation, { body }: MachineEventOf<'convert-trial'>): DecidedEvent[] {
  const { header, at, caller } = situation;
  const { start, end } = header.status === 'active' ? nextTerm(header) : termFrom(header, at);
  return [
    ...(caller === null ? [] : methodGiven(situation, body.paymentMethod)),
    { type: 'TrialConverted', data: { termStart: start, termEnd: end, by: 'customer' }, effectiveAt: at },
  ];
}

/** At the end of a trial, where the policy and a payment method allow it (`domain.md 1.11`, 7). */
export function convertAtTrialEnd({ header, at }: Situation): DecidedEvent[] {
  const { start, end } = nextTerm(header);
  return [{ type: 'TrialConverted', data: { termStart: start, termEnd: end, by: 'schedule' }, effectiveAt: at }];
}

/** Turning recurring billing off, or cancelling, is how a trial is ended (`domain.md 1.3`). */
export function convertsByItself({ header, at, policy }: Situation): boolean {
  const { paymentMethodSince: since, recurringBilling, cancelAt, trial } = header;
  const isWanted = trial && recurringBilling && cancelAt === null;
  return policy.trialEnd === 'convert_with_payment_method' && isWanted && since !== null && since <= at;
}
