import { z } from 'zod';

/** All that is ever kept of a card: fields of a payment method and of what a provider says of one. */
export const cardDetails = {
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
} as const;
