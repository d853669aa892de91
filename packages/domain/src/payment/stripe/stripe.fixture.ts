/**
 * Stripe events written by hand, shaped like real ones: the old API with its links at the top, and the one from
 * 2025-03-31 ("basil") with links under `parent` and periods in lines and items.
 *
 * @module
 */

/** Unix seconds of an instant. */
export const at = (instant: string): number => Date.parse(instant) / 1000;

/** An envelope. */
export function stripeEvent(type: string, object: object, changes: object = {}): object {
  return {
    id: 'evt_1',
    object: 'event',
    api_version: '2020-08-27',
    created: at('2027-06-02T09:00:00Z'),
    livemode: false,
    pending_webhooks: 1,
    request: { id: 'req_1', idempotency_key: 'k-1' },
    type,
    ...changes,
    data: { object, ...('data' in changes && typeof changes.data === 'object' ? changes.data : {}) },
  };
}

/** A paid invoice of the old API: the invoice's own period is a point, the service period stands in the line. */
export function oldInvoice(changes: object = {}): object {
  return {
    id: 'in_1',
    object: 'invoice',
    amount_due: 1500,
    amount_paid: 1500,
    amount_remaining: 0,
    attempt_count: 1,
    billing_reason: 'subscription_cycle',
    charge: 'ch_1',
    payment_intent: 'pi_1',
    currency: 'eur',
    customer: 'cus_1',
    customer_email: 'someone@example.com',
    lines: {
      data: [
        {
          id: 'il_0',
          period: { start: at('2027-05-20T00:00:00Z'), end: at('2027-06-01T00:00:00Z') },
          proration: true,
          subscription: 'sub_1',
        },
        {
          id: 'il_1',
          period: { start: at('2027-06-01T00:00:00Z'), end: at('2027-07-01T00:00:00Z') },
          proration: false,
          subscription: 'sub_1',
        },
      ],
    },
    metadata: {},
    next_payment_attempt: null,
    paid: true,
    period_start: at('2027-06-01T00:00:00Z'),
    period_end: at('2027-06-01T00:00:00Z'),
    status: 'paid',
    status_transitions: { paid_at: at('2027-06-01T08:30:00Z'), voided_at: null },
    subscription: 'sub_1',
    ...changes,
  };
}

/** The same since 2025-03-31: no charge, no payment intent, no subscription at the top. */
export function basilInvoice(changes: object = {}): object {
  const {
    charge: _,
    payment_intent: __,
    subscription: ___,
    paid: ____,
    ...rest
  } = { ...oldInvoice() } as Record<string, unknown>;
  return {
    ...rest,
    lines: {
      data: [
        {
          id: 'il_1',
          period: { start: at('2027-06-01T00:00:00Z'), end: at('2027-07-01T00:00:00Z') },
          parent: {
            type: 'subscription_item_details',
            subscription_item_details: { proration: false, subscription: 'sub_1' },
          },
        },
      ],
    },
    parent: {
      type: 'subscription_details',
      subscription_details: { metadata: { perennial: 'acme/S1' }, subscription: 'sub_1' },
    },
    ...changes,
  };
}

/** A charge of the old API, refunded in full. */
export function refundedCharge(changes: object = {}): object {
  return {
    id: 'ch_1',
    object: 'charge',
    amount: 1500,
    amount_refunded: 1500,
    currency: 'eur',
    customer: 'cus_1',
    invoice: 'in_1',
    payment_intent: 'pi_1',
    metadata: {},
    refunded: true,
    refunds: { data: [{ amount: 1000, created: at('2027-06-10T00:00:00Z') }] },
    ...changes,
  };
}

/** A dispute. */
export function dispute(changes: object = {}): object {
  return {
    id: 'dp_1',
    object: 'dispute',
    amount: 1500,
    charge: 'ch_1',
    payment_intent: 'pi_1',
    created: at('2027-06-20T00:00:00Z'),
    currency: 'eur',
    status: 'needs_response',
    ...changes,
  };
}
