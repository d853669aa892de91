/**
 * Reactivation that makes a new subscription of the same commitment from the day on which it is asked for (`domain.md 1.4`,
 * MCA; `domain.md 6.1`). The old one only says so: the new one is made on a stream of its own.
 *
 * @module
 */
import type { DecidedEvent } from '../events.ts';
import type { MachineEventOf, Situation } from '../situation.ts';
import { termFrom, termPrice, type TermSpan } from '../terms.ts';
import { resumption } from './reactivation.ts';
import { methodGiven } from './settings.ts';

/** Where a customer's reactivation leads; `null`: there was never a term. */
export type Renewed = { readonly kind: 'in_term' | 'new_term'; readonly term: TermSpan; readonly due: number | null };

/** As {@link resumption}; where a new subscription is made, its first term and price: arrears stay with the old one. */
export function renewed(situation: Pick<Situation, 'header' | 'at' | 'policy'>): Renewed | null {
  const { header, at, policy } = situation;
  if (policy.reactivation.keepsSubscription || header.termStart === null) return resumption(situation);
  return { kind: 'new_term', term: termFrom(header, at), due: termPrice(header) };
}

/** The claim, with all that the new one needs; its id comes from the caller and follows from the command's. */
export function reserveSuccessor(situation: Situation, { body }: MachineEventOf<'reactivate'>): DecidedEvent[] {
  const { caller, header, at } = situation;
  const { planId, seatsPurchased, term, zone, policy, channel, recurringBilling, price } = header;
  if (caller === null) return [];
  return [
    ...(body.paymentMethod === undefined ? [] : methodGiven(situation, body.paymentMethod)),
    {
      type: 'SuccessorReserved',
      data: {
        successorId: caller.successorId ?? caller.newId,
        reactivationId: caller.newId,
        order: {
          planId,
          seats: seatsPurchased,
          term,
          zone,
          profile: policy,
          channel,
          recurringBilling,
          ...(price === null ? {} : { price }),
        },
      },
      effectiveAt: at,
    },
  ];
}
