import { z } from 'zod';
import type { PaymentFact } from '../fact.ts';

const fraud: ReadonlySet<string> = new Set([
  'fraudulent',
  'merchant_blacklist',
  'security_violation',
  'highest_risk_level',
]);
const final: ReadonlySet<string> = new Set([
  'stolen_card',
  'lost_card',
  'pickup_card',
  'restricted_card',
  'revocation_of_all_authorizations',
  'revocation_of_authorization',
  'stop_payment_order',
]);

/** Where an expanded payment or charge says why it was declined; a mere reference says nothing. */
const declinedSchema = z.object({
  payment_intent: z
    .object({ last_payment_error: z.object({ decline_code: z.string().nullish() }).nullish() })
    .optional()
    .catch(undefined),
  charge: z
    .object({
      failure_code: z.string().nullish(),
      outcome: z.object({ reason: z.string().nullish() }).nullish(),
    })
    .optional()
    .catch(undefined),
});

/** How the charge of an invoice was declined, where the event says so. */
export function declineOf(invoice: unknown): PaymentFact['decline'] {
  const { payment_intent, charge } = declinedSchema.parse(invoice);
  const codes = [payment_intent?.last_payment_error?.decline_code, charge?.outcome?.reason, charge?.failure_code];
  const known = codes.filter((code) => typeof code === 'string');
  if (known.some((code) => fraud.has(code))) return 'fraud';
  if (known.some((code) => final.has(code))) return 'hard';
  return known.length > 0 ? 'soft' : undefined;
}
