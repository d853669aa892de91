/** What a chapter says of a bank's payment. */
export type BankPayment = {
  /** The bank's own id of this message. */
  readonly eventId: string;
  /** The invoice that is paid: two messages about one invoice are one payment. */
  readonly invoice: string;
  /** `<tenant>/<subscription>`, or a reference of the bank's own. */
  readonly subscriptionRef: string;
  readonly occurredAt: string;
  readonly servicePeriod?: { readonly start: string; readonly end: string };
};

/** A CloudEvent as a billing system would publish it. */
export type BankEvent = { readonly id: string; readonly type: string } & Readonly<Record<string, unknown>>;

/** The settled payment as a CloudEvent 1.0 with the payment fact as its data (`contract.md`, NATS). */
export function bankEvent(payment: BankPayment): BankEvent {
  const { eventId, invoice, subscriptionRef, occurredAt, servicePeriod } = payment;
  return {
    specversion: '1.0',
    id: eventId,
    source: '/billing/bank',
    type: 'payment.settled',
    time: occurredAt,
    datacontenttype: 'application/json',
    data: {
      provider: 'bank',
      providerEventId: eventId,
      providerObjectId: invoice,
      subscriptionRef,
      amount: { minor: 3_750, currency: 'EUR' },
      occurredAt,
      ...(servicePeriod !== undefined && { servicePeriod }),
    },
  };
}
