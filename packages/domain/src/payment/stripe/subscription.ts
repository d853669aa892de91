import { z } from 'zod';
import type { PaymentReference } from '../events.ts';
import { linksToWidest } from '../links.ts';
import { unreadable } from '../reading.ts';
import {
  instantOf,
  maybeReference,
  metadata,
  ownReference,
  present,
  seconds,
  stripe,
  type StripeReader,
} from './event.ts';

const subscriptionSchema = z.object({
  id: z.string().min(1).max(256),
  customer: maybeReference,
  ended_at: seconds.nullish(),
  canceled_at: seconds.nullish(),
  cancellation_details: z.object({ reason: z.string().max(256).nullish() }).nullish(),
  metadata,
});

/** `customer.subscription.deleted`: an explicit ending; status fields of other events are evidence only (`domain.md 6.10` rule 7). */
export const readEnding: StripeReader = (event, received) => {
  const parsed = subscriptionSchema.safeParse(event.data.object);
  if (!parsed.success) {
    return unreadable('INVALID_FACT', `the subscription of ${event.type} cannot be read`, parsed.error);
  }
  const subscription = parsed.data;
  const own = ownReference(subscription.metadata);
  const refs: PaymentReference[] = [
    ...(own === undefined ? [] : [{ kind: 'subscription' as const, ref: own }]),
    { kind: 'subscription', ref: subscription.id },
  ];
  return {
    kind: 'ending',
    ending: {
      provider: stripe,
      providerEventId: event.id,
      providerObjectId: subscription.id,
      subscriptionRef: own ?? subscription.id,
      endedAt: instantOf(subscription.ended_at ?? subscription.canceled_at ?? event.created),
      ...received,
      ...present({
        customerRef: subscription.customer,
        cause: subscription.cancellation_details?.reason ?? undefined,
        apiVersion: event.api_version ?? undefined,
      }),
    },
    links: linksToWidest(stripe, refs),
  };
};
