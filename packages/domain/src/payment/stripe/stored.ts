import { z } from 'zod';
import type { PaymentReference } from '../events.ts';
import { isMasked } from '../card-number.ts';
import { linksToWidest } from '../links.ts';
import type { PaymentReading, Received } from '../reading.ts';
import { instantOf, maybeReference, metadata, ownReference, stripe, type StripeEvent } from './event.ts';

/** A type we do not interpret, kept with whatever it links (`domain.md 6.10` rule 4). */
export function storedEvent(event: StripeEvent, received: Received): PaymentReading {
  const links = linksToWidest(stripe, referencesIn(event.data.object));
  return {
    kind: 'stored',
    event: {
      provider: stripe,
      providerEventId: event.id,
      providerObjectId: event.data.object.id ?? event.id,
      type: event.type,
      occurredAt: instantOf(event.created),
      ...received,
      ...(event.api_version ? { apiVersion: event.api_version } : {}),
      ...(links.length > 0 ? { links } : {}),
    },
  };
}

/** Where the objects of all types and versions name each other. A field of another shape is no reference. */
const linkingSchema = z.object({
  id: maybeReference.catch(undefined),
  object: z.string().optional().catch(undefined),
  metadata: metadata.catch(undefined),
  subscription: maybeReference.catch(undefined),
  parent: z
    .object({ subscription_details: z.object({ subscription: maybeReference, metadata }).nullish() })
    .nullish()
    .catch(undefined),
  invoice: maybeReference.catch(undefined),
  latest_invoice: maybeReference.catch(undefined),
  payment_intent: maybeReference.catch(undefined),
  charge: maybeReference.catch(undefined),
  latest_charge: maybeReference.catch(undefined),
  /** What it is paid with: `payment_method.updated` names nothing else. */
  payment_method: maybeReference.catch(undefined),
  default_payment_method: maybeReference.catch(undefined),
  payment: z.object({ payment_intent: maybeReference, charge: maybeReference }).nullish().catch(undefined),
});

/**
 * All references in an object, widest first. `client_reference_id` is not among them: a customer can set it in a link, and
 * would claim someone else's subscription with it.
 */
function referencesIn(object: unknown): PaymentReference[] {
  const { id, object: type, parent, payment, ...named } = linkingSchema.parse(object);
  const details = parent?.subscription_details;
  const ofType = (name: string): string | undefined => (type === name ? id : undefined);
  const found: readonly (readonly [PaymentReference['kind'], string | undefined])[] = [
    ['subscription', ownReference(named.metadata, details?.metadata)],
    ['subscription', ofType('subscription') ?? named.subscription ?? details?.subscription],
    ['invoice', ofType('invoice') ?? named.invoice ?? named.latest_invoice],
    ['payment', ofType('payment_intent') ?? named.payment_intent ?? payment?.payment_intent],
    ['charge', ofType('charge') ?? named.charge ?? named.latest_charge ?? payment?.charge],
    ['object', named.default_payment_method ?? named.payment_method],
  ];
  return found.flatMap(([kind, ref]) => (ref === undefined || isMasked(ref) ? [] : [{ kind, ref }]));
}
