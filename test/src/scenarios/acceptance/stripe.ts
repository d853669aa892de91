/**
 * Stripe events by hand, shaped like Stripe's: an invoice and a dispute about its charge.
 *
 * @module
 */
import type { Json } from '../../pipeline/perennial.ts';

const seconds = (instant: string): number => Date.parse(instant) / 1000;

const envelope = (id: string, type: string, at: number, object: object): Json => ({
  id,
  object: 'event',
  api_version: '2020-08-27',
  created: at,
  livemode: false,
  pending_webhooks: 1,
  type,
  data: { object },
});

/** Events about one paid invoice, by event id and type. */
export function stripeInvoice(
  name: string,
  {
    sub,
    paidAt,
    from,
    to,
  }: { readonly sub: string; readonly paidAt: string; readonly from: string; readonly to: string },
): (id: string, type: string) => Json {
  const paid = seconds(paidAt);
  const invoice = {
    id: `in_${name}_1`,
    object: 'invoice',
    amount_due: 3000,
    amount_paid: 3000,
    amount_remaining: 0,
    attempt_count: 1,
    billing_reason: 'subscription_cycle',
    charge: `ch_${name}_1`,
    payment_intent: `pi_${name}_1`,
    currency: 'eur',
    customer: `cus_${name}_1`,
    lines: {
      data: [
        { id: `il_${name}`, period: { start: seconds(from), end: seconds(to) }, proration: false, subscription: sub },
      ],
    },
    metadata: {},
    next_payment_attempt: null,
    paid: true,
    period_start: paid,
    period_end: paid,
    status: 'paid',
    status_transitions: { paid_at: paid, voided_at: null },
    subscription: sub,
  };
  return (id, type) => envelope(`${id}_${name}_`, type, paid, invoice);
}

/** Events about a dispute of that invoice's charge: they name neither invoice, customer nor subscription. */
export function stripeDispute(name: string): (id: string, what: string, status: string, at: string) => Json {
  return (id, what, status, at) =>
    envelope(`${id}_${name}_`, `charge.dispute.${what}`, seconds(at), {
      id: `dp_${name}_1`,
      object: 'dispute',
      amount: 3000,
      currency: 'eur',
      status,
      charge: `ch_${name}_1`,
      payment_intent: `pi_${name}_1`,
      created: seconds(at),
    });
}
