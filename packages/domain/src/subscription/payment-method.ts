import { z } from 'zod';
import { cardDetails } from '../payment/card-details.ts';

/** A payment method as the log knows it: the provider's token, never a card number, never the owner's name. */
export const paymentMethodSchema = z.object({
  kind: z.enum(['card', 'bank', 'invoice', 'boleto']),
  token: z.string().min(1).max(256),
  country: z.string().regex(/^[A-Z]{2}$/),
  /** Person id of whoever added it. */
  owner: z.string().max(256).optional(),
  ...cardDetails,
});
