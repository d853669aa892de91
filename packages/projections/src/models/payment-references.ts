/**
 * By what a payment fact and a subscription can find each other (`domain.md 6.10` rule 5): charge → invoice →
 * subscription, the provider's reference, and our own `<tenant>/<id>`. References sort by how much they prove.
 *
 * @module
 */
import type { PaymentFact, SubscriptionEventData } from '@perennial/domain';
import { storableText } from '../sql/jsonb.ts';

/** `<tenant>/<subscriptionId>` as `contract.md` spells identifiers. */
const ownReference = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}\/[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/;

/** The prefix of a customer reference: it proves something only while one subscription has it. */
export const customerPrefix = 'd:';

const own = (reference: string): string => `a:${reference}`;
const subscription = (provider: string, reference: string): string => `b:${provider}:${reference}`;
const object = (provider: string, reference: string): string => `c:${provider}:${reference}`;
const customer = (provider: string, reference: string): string => `${customerPrefix}${provider}:${reference}`;

/** The references by which a waiting fact may be claimed. */
export function referencesOfFact(fact: PaymentFact): string[] {
  const { provider, subscriptionRef, invoiceRef, chargeRef, customerRef } = fact;
  const objects = [...new Set([fact.providerObjectId, invoiceRef, chargeRef])].filter((ref) => ref !== undefined);
  const references = objects.map((ref) => object(provider, ref));
  if (subscriptionRef !== undefined) {
    references.push(subscription(provider, subscriptionRef));
    if (ownReference.test(subscriptionRef)) references.push(own(subscriptionRef));
  }
  // A customer may have several subscriptions: only a fact that names nothing better is looked up by customer.
  const namesNothingElse = subscriptionRef === undefined && invoiceRef === undefined && chargeRef === undefined;
  if (namesNothingElse && customerRef !== undefined) references.push(customer(provider, customerRef));
  return references.map(storableText);
}

/** What a new subscription is known by. */
export function referencesOfCreation(data: SubscriptionEventData<'SubscriptionCreated'>): string[] {
  const references = [own(`${data.tenant}/${data.subscriptionId}`)];
  for (const [provider, refs] of Object.entries(data.providerRefs)) {
    if (refs.subscription !== undefined) references.push(subscription(provider, refs.subscription));
    if (refs.customer !== undefined) references.push(customer(provider, refs.customer));
  }
  return references.map(storableText);
}

/** What a fact that a subscription took in teaches about it: later facts of these objects are its own. */
export function referencesLearntFrom(fact: PaymentFact): string[] {
  const { provider, subscriptionRef, invoiceRef, chargeRef } = fact;
  const objects = [...new Set([fact.providerObjectId, invoiceRef, chargeRef])].filter((ref) => ref !== undefined);
  const references = objects.map((ref) => object(provider, ref));
  if (subscriptionRef !== undefined && !ownReference.test(subscriptionRef)) {
    references.push(subscription(provider, subscriptionRef));
  }
  return references.map(storableText);
}
