import { z } from 'zod';
import { readingOf } from '../reading.ts';
import { storedEvent } from './stored.ts';
import { eventFields, instantOf, maybeReference, present, seconds, type StripeReader } from './event.ts';

const invoicePaymentSchema = z.object({
  invoice: z.string().min(1).max(256),
  payment: z.object({ payment_intent: maybeReference, charge: maybeReference }),
  status_transitions: z.object({ paid_at: seconds.nullish() }).nullish(),
});

/**
 * `invoice_payment.paid`: since 2025-03-31 the only event that joins an invoice to the payment and the charge that paid it.
 * It settles nothing (`invoice.paid` does, and knows the period), but a refund or a dispute knows only the charge.
 */
export const readInvoicePayment: StripeReader = (event, received) => {
  const parsed = invoicePaymentSchema.safeParse(event.data.object);
  if (!parsed.success) return storedEvent(event, received);
  const { invoice, payment, status_transitions } = parsed.data;
  return readingOf({
    ...eventFields(event, received),
    kind: 'linked',
    providerObjectId: invoice,
    invoiceRef: invoice,
    ...present({ paymentRef: payment.payment_intent, chargeRef: payment.charge }),
    occurredAt: instantOf(status_transitions?.paid_at ?? event.created),
  });
};
