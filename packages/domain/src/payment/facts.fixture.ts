import type { PaymentFact } from './fact.ts';

/** A settled fact for tests, changed by what matters to the test. */
export function settledFact(changes: Partial<PaymentFact> = {}): PaymentFact {
  return {
    kind: 'settled',
    provider: 'stripe',
    providerEventId: 'evt_1',
    providerObjectId: 'in_1',
    subscriptionRef: 'sub_999',
    invoiceRef: 'in_1',
    amount: { minor: 1500, currency: 'EUR' },
    occurredAt: '2027-06-01T10:00:00.000Z',
    ...changes,
  };
}
