import { z } from 'zod';

/** A payment method as the log knows it: the provider's token, never a card number, never the owner's name. */
export const paymentMethodSchema = z.object({
  kind: z.enum(['card', 'bank', 'invoice', 'boleto']),
  token: z.string().min(1).max(256),
  country: z.string().regex(/^[A-Z]{2}$/),
  /** Person id of whoever added it. */
  owner: z.string().max(256).optional(),
  brand: z.string().max(64).optional(),
  last4: z
    .string()
    .regex(/^\d{4}$/)
    .optional(),
  /** `YYYY-MM`, valid to the end of the month. */
  expires: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional(),
});
