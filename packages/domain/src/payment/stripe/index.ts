import { maskCardNumbers } from '../card-number.ts';
import { findIllFormedText } from '../find-text.ts';
import { unreadable, type PaymentReading, type Received } from '../reading.ts';
import { readRefund } from './charge.ts';
import { readDispute } from './dispute.ts';
import { stripeEventSchema, type StripeReader } from './event.ts';
import { readActionRequired, readFailedInvoice, readPaidInvoice, readVoidedInvoice } from './invoice.ts';
import { readInvoicePayment } from './invoice-payment.ts';
import { readPaymentMethod } from './payment-method.ts';
import { storedEvent } from './stored.ts';
import { readEnding } from './subscription.ts';

const readers: ReadonlyMap<string, StripeReader> = new Map([
  ['invoice.paid', readPaidInvoice],
  ['invoice.payment_succeeded', readPaidInvoice],
  ['invoice.payment_failed', readFailedInvoice],
  ['invoice.payment_action_required', readActionRequired],
  ['invoice.voided', readVoidedInvoice],
  ['charge.refunded', readRefund],
  ['charge.dispute.created', readDispute],
  ['charge.dispute.updated', readDispute],
  ['charge.dispute.closed', readDispute],
  ['charge.dispute.funds_withdrawn', readDispute],
  ['charge.dispute.funds_reinstated', readDispute],
  ['invoice_payment.paid', readInvoicePayment],
  ['payment_method.updated', readPaymentMethod],
  ['payment_method.automatically_updated', readPaymentMethod],
  ['customer.subscription.deleted', readEnding],
]);

/**
 * Reads a parsed Stripe event of any API version (`domain.md 5.1`). Card numbers are masked first; types that are not
 * interpreted become `stored`. The signature must have been checked before.
 */
export function paymentFactsFromStripe(event: unknown, received: Received): PaymentReading[] {
  const illFormed = findIllFormedText(event);
  if (illFormed !== undefined) return [unreadable('ILL_FORMED_TEXT', `${illFormed} holds half a surrogate pair`)];
  const parsed = stripeEventSchema.safeParse(maskCardNumbers(event));
  if (!parsed.success) return [unreadable('NOT_A_STRIPE_EVENT', 'this is not a Stripe event', parsed.error)];
  const read = readers.get(parsed.data.type) ?? storedEvent;
  return [read(parsed.data, received)];
}
