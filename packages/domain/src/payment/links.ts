import type { PaymentLink, PaymentReference } from './events.ts';
import type { PaymentFact } from './fact.ts';
import { isMasked } from './card-number.ts';

/**
 * Everything that identifies the payment of a fact at its provider, widest first: what a matcher looks up. A reference
 * that had to be masked identifies nothing.
 */
export function referencesOf(fact: PaymentFact): PaymentReference[] {
  const references: PaymentReference[] = [];
  const add = (kind: PaymentReference['kind'], ref: string | undefined): void => {
    if (ref !== undefined && !isMasked(ref)) references.push({ kind, ref });
  };
  add('subscription', fact.subscriptionRef);
  add('subscription', fact.providerSubscriptionRef);
  add('invoice', fact.invoiceRef);
  add('payment', fact.paymentRef);
  add('charge', fact.chargeRef);
  add('object', fact.providerObjectId);
  return references;
}

/**
 * What a fact teaches: everything it names belongs to the widest reference among them. A refund that knows only its charge
 * finds the subscription through the settled fact that knew both (`domain.md 5.1`, disputes and refunds). One reference
 * may belong to several wider ones, learnt from different facts; following any of them leads on.
 */
export function linksOf(fact: PaymentFact): PaymentLink[] {
  return linksToWidest(fact.provider, referencesOf(fact));
}

/** Links every reference to the first, the widest. */
export function linksToWidest(provider: string, widestFirst: readonly PaymentReference[]): PaymentLink[] {
  const [to, ...narrower] = widestFirst;
  return to ? narrower.map((from) => ({ provider, from, to })) : [];
}
