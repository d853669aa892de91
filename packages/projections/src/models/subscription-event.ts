import { parseStream, type PaymentFact } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';

/** Streams of subscriptions. */
export const subscriptionPrefix = 'subscription-';

/** Whose subscription an event is about. */
export function tenantOf({ stream }: RecordedEvent): string {
  const named = parseStream(stream);
  if (named?.kind !== 'subscription') throw new Error(`${stream} is not the name of a subscription's stream`);
  return named.tenant;
}

/** The payment fact that an event carries, whatever its type. */
export function factOf(event: RecordedEvent): PaymentFact | undefined {
  // Validated by the door: wherever an event of a subscription has a `fact`, its schema is that of payment facts.
  return (event.data as { readonly fact?: PaymentFact }).fact;
}
