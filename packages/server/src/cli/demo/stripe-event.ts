/**
 * Stripe events written by hand, shaped like those of API version 2020-08-27, as far as a billing system reads them.
 *
 * @module
 */

/** An event of Stripe. */
export type StripeEvent = { readonly id: string; readonly type: string } & Readonly<Record<string, unknown>>;

/** The invoice that a chapter is about. */
export type StripeInvoice = {
  readonly id: string;
  /** Stripe's own id of the subscription. */
  readonly subscription: string;
  readonly charge: string;
  readonly period: { readonly start: string; readonly end: string };
};

const amount = 72_000;
const currency = 'eur';

/** The envelope; `at` is when Stripe made the event. */
export function stripeEvent(id: string, type: string, at: string, object: object): StripeEvent {
  return {
    id,
    object: 'event',
    api_version: '2020-08-27',
    created: unixSeconds(at),
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
    data: { object },
  };
}

/** The invoice after it was paid. */
export function paidInvoice(invoice: StripeInvoice, paidAt: string): object {
  return {
    ...invoiceObject(invoice),
    amount_paid: amount,
    amount_remaining: 0,
    attempt_count: 2,
    next_payment_attempt: null,
    paid: true,
    status: 'paid',
    status_transitions: { paid_at: unixSeconds(paidAt), voided_at: null },
  };
}

/** The invoice after its first attempt failed; Stripe will try again. */
export function failedInvoice(invoice: StripeInvoice, nextAttemptAt: string): object {
  return {
    ...invoiceObject(invoice),
    amount_paid: 0,
    amount_remaining: amount,
    attempt_count: 1,
    next_payment_attempt: unixSeconds(nextAttemptAt),
    paid: false,
    status: 'open',
    status_transitions: { paid_at: null, voided_at: null },
  };
}

/** The invoice's charge, refunded in full. */
export function refundedCharge(invoice: StripeInvoice, refundedAt: string): object {
  return {
    id: invoice.charge,
    object: 'charge',
    amount,
    amount_refunded: amount,
    currency,
    invoice: invoice.id,
    metadata: {},
    refunded: true,
    refunds: { data: [{ id: `re_${invoice.charge}`, amount, created: unixSeconds(refundedAt) }] },
  };
}

function invoiceObject({ id, subscription, charge, period }: StripeInvoice): object {
  const line = { start: unixSeconds(period.start), end: unixSeconds(period.end) };
  return {
    id,
    object: 'invoice',
    amount_due: amount,
    billing_reason: 'subscription_cycle',
    charge,
    currency,
    lines: { data: [{ id: `il_${id}`, period: line, proration: false, subscription }] },
    metadata: {},
    subscription,
  };
}

function unixSeconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1_000);
}
