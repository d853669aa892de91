/** What a test says of a payment; the rest is filled in. */
export type PaymentOptions = {
  readonly object: string;
  readonly ref: string;
  readonly occurredAt: string;
  readonly kind?: string;
  readonly minor?: number;
  readonly eventId?: string;
};

/** A settled payment as a billing system would publish it: a CloudEvent with the payment fact as its data (`contract.md`, NATS). */
export function payment(options: PaymentOptions) {
  const kind = options.kind ?? 'settled';
  const providerEventId = options.eventId ?? `evt_${kind}_${options.object}`;
  return {
    specversion: '1.0',
    id: `bank:${providerEventId}`,
    source: '/billing/bank',
    type: `payment.${kind}`,
    time: options.occurredAt,
    datacontenttype: 'application/json',
    data: {
      provider: 'bank',
      providerEventId,
      providerObjectId: options.object,
      subscriptionRef: options.ref,
      amount: { minor: options.minor ?? 3_000, currency: 'EUR' },
      occurredAt: options.occurredAt,
    },
  };
}
