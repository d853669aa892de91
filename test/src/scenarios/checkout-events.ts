/**
 * One checkout as Stripe tells it: fourteen events, written by hand and shaped like Stripe's, in the two orders in which
 * a user really received them (`domain.md 5.2`).
 *
 * @module
 */

/** An event's name below: its type, numbered where a type comes more than once. */
type Name =
  | 'charge.succeeded'
  | 'payment_method.attached'
  | 'invoice.created'
  | 'customer.subscription.created'
  | 'invoice.updated 1'
  | 'invoice.updated 2'
  | 'invoice.finalized'
  | 'customer.subscription.updated'
  | 'invoice.paid'
  | 'invoice.updated 3'
  | 'invoice.payment_succeeded'
  | 'payment_intent.created'
  | 'payment_intent.succeeded'
  | 'checkout.session.completed';

/** The order that ended well. */
export const goodOrder: readonly Name[] = [
  'charge.succeeded',
  'payment_method.attached',
  'invoice.created',
  'customer.subscription.created',
  'invoice.updated 1',
  'invoice.updated 2',
  'invoice.finalized',
  'customer.subscription.updated',
  'invoice.paid',
  'invoice.updated 3',
  'invoice.payment_succeeded',
  'payment_intent.created',
  'payment_intent.succeeded',
  'checkout.session.completed',
];

/** The order that left the subscription incomplete for good. */
export const badOrder: readonly Name[] = [
  'charge.succeeded',
  'checkout.session.completed',
  'invoice.created',
  'payment_method.attached',
  'invoice.updated 1',
  'invoice.updated 2',
  'customer.subscription.updated',
  'payment_intent.succeeded',
  'customer.subscription.created',
  'invoice.payment_succeeded',
  'invoice.updated 3',
  'invoice.paid',
  'invoice.finalized',
  'payment_intent.created',
];

/** A Stripe event, as far as a test has to know it. */
export type StripeEvent = { readonly id: string; readonly type: string };

/** The events of the checkout of `sub_<id>`, paid at an instant, in an order. */
export function checkout(id: string, paidAt: string, order: readonly Name[]): StripeEvent[] {
  const paid = Date.parse(paidAt) / 1000;
  return order.map((name) => ({
    id: `evt_${id}_${goodOrder.indexOf(name)}`,
    object: 'event',
    api_version: '2020-08-27',
    // Stripe counts whole seconds: most of a checkout shares one.
    created: paid + Math.floor(goodOrder.indexOf(name) / 8),
    livemode: false,
    pending_webhooks: 1,
    request: { id: `req_${id}`, idempotency_key: `key_${id}` },
    type: name.split(' ')[0] ?? name,
    data: { object: objectOf(id, name, paid) },
  }));
}

function objectOf(id: string, name: Name, paid: number): object {
  if (name.startsWith('invoice.')) return invoice(id, paid, isPaid(name));
  if (name.startsWith('customer.subscription.')) return subscription(id, paid, name);
  const customer = `cus_${id}`;
  if (name === 'charge.succeeded') return charge(id, { payment_method: `pm_${id}`, paid: true, status: 'succeeded' });
  if (name === 'payment_method.attached') {
    const card = { brand: 'visa', last4: '4242' };
    return { id: `pm_${id}`, object: 'payment_method', type: 'card', customer, card };
  }
  if (name.startsWith('payment_intent.')) {
    return {
      id: `pi_${id}`,
      object: 'payment_intent',
      amount: 3000,
      currency: 'eur',
      customer,
      invoice: `in_${id}`,
      status: name === 'payment_intent.created' ? 'requires_payment_method' : 'succeeded',
      metadata: {},
    };
  }
  return {
    id: `cs_${id}`,
    object: 'checkout.session',
    mode: 'subscription',
    customer,
    subscription: `sub_${id}`,
    payment_status: 'paid',
    metadata: {},
  };
}

function charge(id: string, changes: object): object {
  return {
    id: `ch_${id}`,
    object: 'charge',
    amount: 3000,
    amount_refunded: 0,
    currency: 'eur',
    customer: `cus_${id}`,
    invoice: `in_${id}`,
    payment_intent: `pi_${id}`,
    metadata: {},
    ...changes,
  };
}

/** A part of the charge is refunded; the event knows the charge and the payment, not the invoice. */
export function partialRefund(id: string, at: string): StripeEvent {
  return later(
    `evt_${id}_refund`,
    at,
    'charge.refunded',
    charge(id, { amount_refunded: 1000, refunded: false, invoice: null }),
  );
}

/** The charge is disputed; no event about a dispute names a customer, an invoice or a subscription. */
export function openedDispute(id: string, at: string): StripeEvent {
  return later(`evt_${id}_dispute`, at, 'charge.dispute.created', {
    id: `dp_${id}`,
    object: 'dispute',
    amount: 3000,
    currency: 'eur',
    status: 'needs_response',
    charge: `ch_${id}`,
    payment_intent: `pi_${id}`,
    created: Date.parse(at) / 1000,
  });
}

function later(id: string, at: string, type: string, object: object): StripeEvent & { readonly data: object } {
  const envelope = { object: 'event', api_version: '2020-08-27', created: Date.parse(at) / 1000 };
  return { id, type, ...envelope, data: { object } };
}

function isPaid(name: Name): boolean {
  return name === 'invoice.paid' || name === 'invoice.payment_succeeded' || name === 'invoice.updated 3';
}

function invoice(id: string, paid: number, isPaidNow: boolean): object {
  const period = { start: paid, end: paid + 30 * 86_400 };
  return {
    id: `in_${id}`,
    object: 'invoice',
    amount_due: 3000,
    amount_paid: isPaidNow ? 3000 : 0,
    amount_remaining: isPaidNow ? 0 : 3000,
    attempt_count: isPaidNow ? 1 : 0,
    billing_reason: 'subscription_create',
    charge: isPaidNow ? `ch_${id}` : null,
    payment_intent: `pi_${id}`,
    currency: 'eur',
    customer: `cus_${id}`,
    lines: { data: [{ id: `il_${id}`, period, proration: false, subscription: `sub_${id}` }] },
    metadata: {},
    next_payment_attempt: null,
    paid: isPaidNow,
    period_start: paid,
    period_end: paid,
    status: isPaidNow ? 'paid' : 'open',
    status_transitions: { paid_at: isPaidNow ? paid : null, voided_at: null },
    subscription: `sub_${id}`,
  };
}

/** Its status is evidence only: `incomplete` arriving last must not take anything back. */
function subscription(id: string, paid: number, name: Name): object {
  return {
    id: `sub_${id}`,
    object: 'subscription',
    customer: `cus_${id}`,
    status: name === 'customer.subscription.created' ? 'incomplete' : 'active',
    current_period_start: paid,
    current_period_end: paid + 30 * 86_400,
    latest_invoice: `in_${id}`,
    default_payment_method: `pm_${id}`,
    cancel_at_period_end: false,
    items: { data: [{ id: `si_${id}`, quantity: 3 }] },
    metadata: {},
  };
}

/** Every event one to four times, in an order that the seed decides. */
export function shuffledDeliveries(events: readonly StripeEvent[], seed: number): StripeEvent[] {
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return events
    .flatMap((event) => Array.from({ length: 1 + Math.floor(random() * 4) }, () => event))
    .map((event) => [random(), event] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, event]) => event);
}
