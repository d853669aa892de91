import type { PaymentFact } from './fact.ts';

/** Fields of the delivery rather than of the payment: a redelivery may differ in them. */
const deliveryFields: ReadonlySet<string> = new Set(['receivedAt', 'rawRef']);

/** Fields that two events about one effect differ in, and that no decision depends on. */
const eventFields: ReadonlySet<string> = new Set([
  ...deliveryFields,
  'providerEventId',
  'providerCreatedAt',
  'providerSequence',
  'apiVersion',
  'attempt',
  'extra',
]);

/** Whether two facts are one event, delivered twice (`domain.md 6.10` rule 2, level 1). */
export function isSameFact(a: PaymentFact, b: PaymentFact): boolean {
  return fingerprint(a, deliveryFields) === fingerprint(b, deliveryFields);
}

/**
 * Whether two events say the same of a payment (level 2), for instance Stripe's `invoice.paid` and
 * `invoice.payment_succeeded`. An attempt that failed is its own effect.
 */
export function isSameEffect(a: PaymentFact, b: PaymentFact): boolean {
  const attemptMatters = a.kind === 'failed' && a.attempt !== b.attempt;
  return !attemptMatters && fingerprint(a, eventFields) === fingerprint(b, eventFields);
}

function fingerprint(fact: PaymentFact, leftOut: ReadonlySet<string>): string {
  return JSON.stringify(fact, (key, value: unknown) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    const entries = Object.entries(value).filter(([name]) => key !== '' || !leftOut.has(name));
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
