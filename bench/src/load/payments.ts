import type { PaymentCloudEvent } from '@perennial/handlers';

/** An event that carries a payment fact. */
export type PaymentEvent = PaymentCloudEvent & { readonly data: Readonly<Record<string, unknown>> };

/** A subscription under load. */
export type Subscription = { readonly tenant: string; readonly subscriptionId: string };

/** What every subscription under load was bought with. */
export const purchase = {
  planId: 'SPB',
  seats: 3,
  term: 'P1M',
  price: { minor: 2_060, currency: 'EUR' },
} as const;

/** Small enough for one page of *Your products*. */
export const subscriptionsPerTenant = 25;

/** Subscriptions `s-0`, `s-1`, … spread over tenants. */
export function subscriptionsOf(count: number): Subscription[] {
  return Array.from({ length: count }, (_, index) => ({
    tenant: `tenant-${Math.floor(index / subscriptionsPerTenant)}`,
    subscriptionId: `s-${index}`,
  }));
}

/**
 * A settled payment for the next term, as a billing system would publish it now. Terms may be paid ahead, so every one
 * renews; its instant is that of its making, so payments of one subscription differ and come in their order.
 */
export function payment({ tenant, subscriptionId }: Subscription, id: string, now = new Date()): PaymentEvent {
  const occurredAt = now.toISOString();
  return {
    specversion: '1.0',
    id,
    source: 'https://billing.example/bench',
    type: 'payment.settled',
    time: occurredAt,
    datacontenttype: 'application/json',
    data: {
      provider: 'bench',
      providerEventId: id,
      providerObjectId: `invoice-${id}`,
      invoiceRef: `invoice-${id}`,
      customerRef: `customer-${tenant}`,
      subscriptionRef: `${tenant}/${subscriptionId}`,
      amount: { minor: purchase.price.minor * purchase.seats, currency: purchase.price.currency },
      occurredAt,
      apiVersion: '2026-10-01',
    },
  };
}
