import { z } from 'zod';

/** An amount in integer minor units of an ISO 4217 currency; never a fraction. */
export const moneySchema = z.object({
  minor: z.int(),
  currency: z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code in capitals, for instance EUR'),
});

/** See {@link moneySchema}. */
export type Money = z.infer<typeof moneySchema>;
