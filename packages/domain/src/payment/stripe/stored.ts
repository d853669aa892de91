import { z } from 'zod';
import type { PaymentReference } from '../events.ts';
import { linksToWidest } from '../links.ts';
import type { PaymentReading, Received } from '../reading.ts';
import { instantOf, maybeReference, stripe, type StripeEvent, type StripeReader } from './event.ts';

/** A type we do not interpret, kept with whatever it links (`domain.md 6.10` rule 4). */
export function storedEvent(
  event: StripeEvent,
  received: Received,
  widestFirst: readonly PaymentReference[] = [],
): PaymentReading {
  const links = linksToWidest(stripe, widestFirst);
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

const invoicePaymentSchema = z.object({
  invoice: maybeReference,
  payment: z.object({ payment_intent: maybeReference, charge: maybeReference }).nullish(),
});

/** `invoice_payment.paid`: since 2025-03-31 the only event that joins a payment to its invoice. */
export const readInvoicePayment: StripeReader = (event, received) => {
  const parsed = invoicePaymentSchema.safeParse(event.data.object);
  const { invoice, payment } = parsed.success ? parsed.data : {};
  return storedEvent(event, received, [
    ...named('invoice', invoice),
    ...named('payment', payment?.payment_intent),
    ...named('charge', payment?.charge),
  ]);
};

function named(kind: PaymentReference['kind'], ref: string | undefined): PaymentReference[] {
  return ref === undefined ? [] : [{ kind, ref }];
}
