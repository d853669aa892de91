import { z } from 'zod';
import { readingOf, unreadable } from '../reading.ts';
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
  type StripeReader,
} from './event.ts';

const chargeSchema = z.object({
  id: z.string().min(1).max(256),
  amount: z.int().nonnegative(),
  amount_refunded: z.int(),
  refunded: z.boolean(),
  currency: z.string(),
  customer: maybeReference,
  /** Gone since 2025-03-31: then the payment intent joins. */
  invoice: maybeReference,
  payment_intent: maybeReference,
  metadata,
  refunds: z.object({ data: z.array(z.object({ amount: z.int(), created: seconds })).max(1000) }).nullish(),
});

type Charge = z.infer<typeof chargeSchema>;

/**
 * `charge.refunded`. It names no subscription: its object is the invoice where that is known, so that payment and refund
 * are one object, else the charge; `linksOf` what was settled leads from either to the subscription.
 */
export const readRefund: StripeReader = (event, received) => {
  const parsed = chargeSchema.safeParse(event.data.object);
  if (!parsed.success) return unreadable('INVALID_FACT', `the charge of ${event.type} cannot be read`, parsed.error);
  const charge = parsed.data;
  const before = z.object({ amount_refunded: z.int() }).safeParse(event.data.previous_attributes);
  const thisTime = charge.amount_refunded - (before.success ? before.data.amount_refunded : 0);
  const total = moneyOf(charge.amount_refunded, charge.currency);
  const fact = {
    ...eventFields(event, received),
    kind: 'refunded',
    providerObjectId: charge.invoice ?? charge.id,
    chargeRef: charge.id,
    ...subscriptionRefs(ownReference(charge.metadata), undefined),
    ...present({ invoiceRef: charge.invoice, paymentRef: charge.payment_intent, customerRef: charge.customer }),
    amount: moneyOf(thisTime, charge.currency),
    cumulativeRefunded: Math.max(0, total.minor),
    occurredAt: instantOf(Math.max(0, ...(charge.refunds?.data ?? []).map(({ created }) => created)) || event.created),
  };
  return readingOf(fact, contradictionOf(charge));
};

function contradictionOf(charge: Charge): string | undefined {
  if (charge.amount_refunded <= 0) return 'charge.refunded, but nothing was refunded';
  if (charge.amount_refunded > charge.amount) return 'more was refunded than was charged';
  if (charge.refunded !== (charge.amount_refunded === charge.amount)) {
    return `refunded in full: ${charge.refunded}, but ${charge.amount_refunded} of ${charge.amount}`;
  }
  return undefined;
}
