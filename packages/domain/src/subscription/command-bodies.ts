/**
 * Bodies of the commands on seats, holds and trials, and of those of support and operators (`contract.md`, Command bodies).
 *
 * @module
 */
import { z } from 'zod';
import { anyInstantSchema } from '../instant.ts';
import { moneySchema } from '../money.ts';
import { paymentMethodSchema } from './payment-method.ts';

const text = z.string().max(2000);
const count = z.int().positive().max(1_000_000);
const noBody = z.object({});

/** See the module's description; names are those in URLs. */
export const furtherCommandSchemas = {
  'add-seats': z.object({ count }),
  /** `when`: at once, or with the renewal, where more may be assigned for a while (`domain.md 1.7`). */
  'remove-seats': z.object({ count, when: z.enum(['now', 'renewal']).default('now') }),
  /** `price` per seat and term; absent: as before. `when`: as for seats. */
  'change-plan': z.object({
    planId: z.string().min(1).max(128),
    price: moneySchema.optional(),
    when: z.enum(['now', 'renewal']).default('now'),
  }),
  pause: z.object({ until: anyInstantSchema.optional() }),
  suspend: z.object({ until: anyInstantSchema.optional() }),
  resume: z.object({ hold: z.enum(['pause', 'suspend']) }),
  'extend-trial': noBody,
  'convert-trial': z.object({ paymentMethod: paymentMethodSchema }),
  'support-reactivate': z.object({
    reason: text.min(1),
    ticket: z.string().min(1).max(128),
    paymentMethod: paymentMethodSchema.optional(),
  }),
  'pay-balance': noBody,
  /** The name on the card stays with the provider: it is never logged. */
  'update-payment-method': z.object({
    expires: z
      .string()
      .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
      .optional(),
    name: z.string().max(256).optional(),
    securityCodeConfirmed: z.boolean(),
  }),
  'delete-now': z.object({ confirm: z.string().max(128).optional() }),
  'export-data': noBody,
  'link-payment': z.object({ paymentId: z.string().min(1).max(512) }),
  'add-note': z.object({ text: text.min(1) }),
  'correct-fact': z.object({
    eventId: z.uuid(),
    reason: text.min(1),
    /** What it should have said, for readers. */
    correction: z.record(z.string().max(128), z.json()).optional(),
  }),
} as const;
