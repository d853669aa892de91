/**
 * By what a payment and a subscription find each other (`domain.md 6.10` rule 5): our own `<tenant>/<id>`, the provider's
 * subscription, and charge → payment → invoice → subscription. References sort by how much they prove.
 *
 * @module
 */
import {
  referencesOf,
  type PaymentFact,
  type PaymentReference,
  type ProviderEnding,
  type SubscriptionEventData,
} from '@perennial/domain';
import { storableText } from '../sql/jsonb.ts';

/** `<tenant>/<subscriptionId>` as `contract.md` spells identifiers. */
const ownReference = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}\/[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/;

const ranks = { own: 'a', subscription: 'b', invoice: 'c', payment: 'd', charge: 'e', object: 'f' } as const;

/** The prefix of a customer reference: it proves something only while one subscription has it. */
export const customerPrefix = 'g:';

const own = (reference: string): string => storableText(`${ranks.own}:${reference}`);
const customer = (provider: string, reference: string): string =>
  storableText(`${customerPrefix}${provider}:${reference}`);

/** A provider's reference as a key. */
export function referenceKey(provider: string, { kind, ref }: PaymentReference): string {
  return storableText(`${ranks[kind]}:${provider}:${ref}`);
}

/** The references by which a waiting fact may be claimed. */
export function referencesOfFact(fact: PaymentFact): string[] {
  const references = referencesOf(fact);
  const { subscriptionRef, customerRef, provider } = fact;
  // A customer may have several subscriptions: only a fact that names nothing better is looked up by customer.
  const namesOnlyItself = references.every(({ kind }) => kind === 'object');
  return [
    ...references.map((reference) => referenceKey(provider, reference)),
    ...ownReferences(subscriptionRef),
    ...(namesOnlyItself && customerRef !== undefined ? [customer(provider, customerRef)] : []),
  ];
}

/** The references by which a provider's ending may be claimed. */
export function referencesOfEnding({ provider, subscriptionRef }: ProviderEnding): string[] {
  return [referenceKey(provider, { kind: 'subscription', ref: subscriptionRef }), ...ownReferences(subscriptionRef)];
}

/** What a new subscription is known by. */
export function referencesOfCreation(data: SubscriptionEventData<'SubscriptionCreated'>): string[] {
  const providers = Object.entries(data.providerRefs).flatMap(([provider, refs]) => [
    ...(refs.subscription === undefined
      ? []
      : [referenceKey(provider, { kind: 'subscription', ref: refs.subscription })]),
    ...(refs.customer === undefined ? [] : [customer(provider, refs.customer)]),
  ]);
  return [own(`${data.tenant}/${data.subscriptionId}`), ...providers];
}

/** What a fact that a subscription took in teaches: later facts that name the same belong to it as well. */
export function referencesLearntFrom(fact: PaymentFact): string[] {
  return referencesOf(fact)
    .filter(({ kind, ref }) => kind !== 'subscription' || !ownReference.test(ref))
    .map((reference) => referenceKey(fact.provider, reference));
}

function ownReferences(subscriptionRef: string | undefined): string[] {
  return subscriptionRef !== undefined && ownReference.test(subscriptionRef) ? [own(subscriptionRef)] : [];
}
