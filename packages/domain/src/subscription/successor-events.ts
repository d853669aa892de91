/**
 * Events of a reactivation that makes a new subscription (`domain.md 1.4`, MCA; `domain.md 6.1`). THEY ARE THE STORAGE
 * FORMAT, see events.ts. The open reservation is the whole state of the process that makes it (architecture, across streams).
 *
 * @module
 */
import { z } from 'zod';
import { moneySchema } from '../money.ts';

/** What the new subscription is created with: what the old one had. */
export const successorOrderSchema = z.object({
  planId: z.string(),
  seats: z.int().positive(),
  term: z.enum(['P1M', 'P1Y', 'P3Y']),
  zone: z.string(),
  /** `name@version`. */
  profile: z.string(),
  channel: z.enum(['direct', 'reseller', 'volume', 'marketplace', 'partner-benefit']),
  recurringBilling: z.boolean(),
  /** Per seat and term. */
  price: moneySchema.optional(),
});

const successor = { successorId: z.string(), reactivationId: z.string() };

/** Data of these events by type. */
export const successorEventSchemas = {
  /** The claim: this subscription is reactivated as another one, which is being made. */
  SuccessorReserved: z.object({ ...successor, order: successorOrderSchema }),
  /** The other one runs, and has the licences. */
  SuccessorStarted: z.object(successor),
  /** It could not be made, and why; this one may be reactivated again. */
  SuccessorReleased: z.object({ ...successor, reasonCodes: z.array(z.string()) }),
} as const;
