import { z } from 'zod';
import { readingOf, unreadable, type PaymentReading, type Received } from '../reading.ts';
import { declineOf } from './decline.ts';
import {
  eventFields,
  instantOf,
  maybeReference,
  metadata,
  moneyOf,
  ownReference,
  present,
  seconds,
  subscriptionRefs,
  type StripeEvent,
  type StripeReader,
} from './event.ts';

const subscriptionDetails = z.object({ subscription: maybeReference, metadata }).nullish();

const lineSchema = z.object({
  period: z.object({ start: seconds, end: seconds }).nullish(),
  /** Until 2025-03; since then under `parent.subscription_item_details`. */
  proration: z.boolean().nullish(),
  subscription: maybeReference,
  metadata,
  parent: z
    .object({
      subscription_item_details: z.object({ subscription: maybeReference, proration: z.boolean().nullish() }).nullish(),
    })
    .nullish(),
});

/** An invoice of any API version: links at the top (old) or under `parent` and in the lines (from 2025-03-31 on). */
const invoiceSchema = z.object({
  id: z.string().min(1).max(256),
  currency: z.string(),
  status: z.string().nullish(),
  paid: z.boolean().nullish(),
  amount_due: z.int(),
  amount_paid: z.int(),
  amount_remaining: z.int(),
  attempt_count: z.int().nonnegative().nullish(),
  next_payment_attempt: seconds.nullish(),
  billing_reason: z.string().nullish(),
  customer: maybeReference,
  charge: maybeReference,
  payment_intent: maybeReference,
  subscription: maybeReference,
  subscription_details: z.object({ metadata }).nullish(),
  parent: z.object({ subscription_details: subscriptionDetails }).nullish(),
  metadata,
  status_transitions: z.object({ paid_at: seconds.nullish(), voided_at: seconds.nullish() }).nullish(),
  lines: z.object({ data: z.array(lineSchema).max(1000) }).nullish(),
});

type Invoice = z.infer<typeof invoiceSchema>;

/** `invoice.paid` and `invoice.payment_succeeded`: both come for one payment, with one object and one effect. */
export const readPaidInvoice: StripeReader = (event, received) =>
  withInvoice(event, (invoice) => {
    const isPaid = (invoice.status ?? 'paid') === 'paid' && invoice.paid !== false;
    const fact = {
      ...invoiceFields(event, invoice, received),
      kind: 'settled',
      amount: moneyOf(invoice.amount_paid, invoice.currency),
      // The event may be made a day later; the money came at paid_at.
      occurredAt: instantOf(invoice.status_transitions?.paid_at ?? event.created),
    };
    return readingOf(fact, isPaid ? undefined : `${event.type}, but the invoice is ${invoice.status ?? 'not paid'}`);
  });

/** `invoice.payment_failed`. */
export const readFailedInvoice: StripeReader = (event, received) =>
  withInvoice(event, (invoice) => {
    const isPaid = invoice.status === 'paid' || invoice.paid === true || invoice.amount_remaining <= 0;
    const fact = {
      ...invoiceFields(event, invoice, received),
      kind: 'failed',
      amount: moneyOf(isPaid ? invoice.amount_due : invoice.amount_remaining, invoice.currency),
      occurredAt: instantOf(event.created),
      ...present({
        attempt: invoice.attempt_count ?? undefined,
        nextAttemptAt: nextAttempt(invoice),
        decline: declineOf(event.data.object),
      }),
    };
    const state = `${invoice.status ?? 'unknown'} with ${invoice.amount_remaining} remaining`;
    return readingOf(fact, isPaid ? `${event.type}, but the invoice is ${state}` : undefined);
  });

/** `invoice.payment_action_required`: waits for the customer, no failure. */
export const readActionRequired: StripeReader = (event, received) =>
  withInvoice(event, (invoice) =>
    readingOf({
      ...invoiceFields(event, invoice, received),
      kind: 'action_required',
      amount: moneyOf(invoice.amount_remaining, invoice.currency),
      occurredAt: instantOf(event.created),
    }),
  );

/** `invoice.voided`. */
export const readVoidedInvoice: StripeReader = (event, received) =>
  withInvoice(event, (invoice) =>
    readingOf({
      ...invoiceFields(event, invoice, received),
      kind: 'voided',
      amount: moneyOf(invoice.amount_due, invoice.currency),
      occurredAt: instantOf(invoice.status_transitions?.voided_at ?? event.created),
    }),
  );

function withInvoice(event: StripeEvent, read: (invoice: Invoice) => PaymentReading): PaymentReading {
  const parsed = invoiceSchema.safeParse(event.data.object);
  return parsed.success
    ? read(parsed.data)
    : unreadable('INVALID_FACT', `the invoice of ${event.type} cannot be read`, parsed.error);
}

function invoiceFields(event: StripeEvent, invoice: Invoice, received: Received): Record<string, unknown> {
  const lines = invoice.lines?.data ?? [];
  const details = invoice.parent?.subscription_details;
  const theirs = invoice.subscription ?? details?.subscription ?? lines.map(subscriptionOfLine).find(Boolean);
  const own = ownReference(
    invoice.metadata,
    details?.metadata,
    invoice.subscription_details?.metadata,
    ...lines.map((line) => line.metadata),
  );
  return {
    ...eventFields(event, received),
    providerObjectId: invoice.id,
    invoiceRef: invoice.id,
    ...subscriptionRefs(own, theirs),
    ...present({
      chargeRef: invoice.charge,
      paymentRef: invoice.payment_intent,
      customerRef: invoice.customer,
      servicePeriod: servicePeriodOf(lines),
    }),
  };
}

type Line = z.infer<typeof lineSchema>;

function subscriptionOfLine(line: Line): string | undefined {
  return line.subscription ?? line.parent?.subscription_item_details?.subscription;
}

/** The invoice's own period says when usage was counted; what is paid for stands in the line, the latest one if several. */
function servicePeriodOf(lines: readonly Line[]): { start: string; end: string } | undefined {
  const spans = lines.filter((line) => line.period && line.period.start < line.period.end);
  const regular = spans.filter((line) => !(line.proration ?? line.parent?.subscription_item_details?.proration));
  const candidates = (regular.length > 0 ? regular : spans).flatMap((line) => line.period ?? []);
  const [latest] = candidates.toSorted((a, b) => b.start - a.start || b.end - a.end);
  return latest && { start: instantOf(latest.start), end: instantOf(latest.end) };
}

/**
 * `null` = Stripe will not try again. A first invoice is never retried by Stripe, but its customer has 23 hours to pay
 * it (`domain.md 6.6`, firstPaymentWindow), so there it says nothing.
 */
function nextAttempt(invoice: Invoice): string | null | undefined {
  const next = invoice.next_payment_attempt;
  if (typeof next === 'number') return instantOf(next);
  return next === null && invoice.billing_reason !== 'subscription_create' ? null : undefined;
}
