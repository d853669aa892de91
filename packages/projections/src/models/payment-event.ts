import type { PaymentEvent } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';

/** Streams of payment facts that named no subscription we knew. */
export const paymentPrefix = 'payment-';

/** Reads an event of a payment stream. */
export function toPaymentEvent(event: RecordedEvent): PaymentEvent {
  // The door has validated `data` against the schema of `type`.
  return { type: event.type, data: event.data, effectiveAt: event.metadata.effectiveAt } as PaymentEvent;
}
