import type { PaymentLink, PaymentReference } from './events.ts';
import type { PaymentFact } from './fact.ts';
import { isMasked } from './card-number.ts';

/** From the narrowest to the widest: each belongs to the ones after it. */
const widening = ['object', 'charge', 'payment', 'invoice', 'subscription'] as const;

/**
 * Everything that identifies the payment of a fact at its provider, widest first: what a matcher looks up. A reference
 * that had to be masked identifies nothing.
 */
export function referencesOf(fact: PaymentFact): PaymentReference[] {
  const refs = {
    subscription: fact.subscriptionRef,
    invoice: fact.invoiceRef,
    payment: fact.paymentRef,
    charge: fact.chargeRef,
    object: fact.providerObjectId,
  };
  return widening.toReversed().flatMap((kind) => {
    const ref = refs[kind];
    return ref === undefined || isMasked(ref) ? [] : [{ kind, ref }];
  });
}

/**
 * What a fact teaches about which reference belongs to which: every narrower one to the next wider one it names. A
 * refund that knows only its charge finds the subscription through the settled fact that knew charge, invoice and
 * subscription (`domain.md 5.1`, disputes and refunds).
 */
export function linksOf(fact: PaymentFact): PaymentLink[] {
  const chain = referencesOf(fact).toReversed();
  return chain.slice(1).flatMap((to, index) => {
    const from = chain[index];
    return from ? [{ provider: fact.provider, from, to }] : [];
  });
}
