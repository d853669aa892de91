import { z } from 'zod';
import { readingOf } from '../reading.ts';
import { storedEvent } from './stored.ts';
import { eventFields, instantOf, maybeReference, present, type StripeReader } from './event.ts';

const cardMethodSchema = z.object({
  id: z.string().min(1).max(256),
  customer: maybeReference,
  card: z.object({
    brand: z.string().max(64).nullish(),
    last4: z
      .string()
      .regex(/^\d{4}$/)
      .nullish(),
    exp_month: z.int().min(1).max(12),
    exp_year: z.int().min(2000).max(9999),
  }),
});

/**
 * `payment_method.updated` and `.automatically_updated`: what holds of a card now. `previous_attributes` has the old expiry
 * and is not read (`domain.md 5.1`). Another kind of method has nothing that expires.
 */
export const readPaymentMethod: StripeReader = (event, received) => {
  const parsed = cardMethodSchema.safeParse(event.data.object);
  if (!parsed.success) return storedEvent(event, received);
  const { id, customer, card } = parsed.data;
  return readingOf({
    ...eventFields(event, received),
    kind: 'method_updated',
    providerObjectId: id,
    ...present({ customerRef: customer }),
    paymentMethod: {
      ...present({ brand: card.brand ?? undefined, last4: card.last4 ?? undefined }),
      expires: `${card.exp_year}-${String(card.exp_month).padStart(2, '0')}`,
    },
    occurredAt: instantOf(event.created),
  });
};
