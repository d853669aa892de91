import { z } from 'zod';
import type { PaymentFactKind } from '../fact.ts';
import { readingOf, unreadable } from '../reading.ts';
import { storedEvent } from './stored.ts';
import { eventFields, instantOf, maybeReference, moneyOf, present, seconds, type StripeReader } from './event.ts';

const disputeSchema = z.object({
  id: z.string().min(1).max(256),
  amount: z.int().nonnegative(),
  currency: z.string(),
  status: z.string(),
  created: seconds,
  charge: maybeReference,
  payment_intent: maybeReference,
  payment_method_details: z.object({ card: z.object({ case_type: z.string().nullish() }).nullish() }).nullish(),
});

const kinds: ReadonlyMap<string, PaymentFactKind> = new Map([
  ['warning_needs_response', 'dispute_inquiry'],
  ['warning_under_review', 'dispute_inquiry'],
  ['warning_closed', 'dispute_inquiry'],
  ['needs_response', 'dispute_opened'],
  ['under_review', 'dispute_opened'],
  ['won', 'dispute_won'],
  ['lost', 'dispute_lost'],
]);

/** All `charge.dispute.…` events: what counts is the status, an inquiry is no dispute (scenario 18). */
export const readDispute: StripeReader = (event, received) => {
  const parsed = disputeSchema.safeParse(event.data.object);
  if (!parsed.success) return unreadable('INVALID_FACT', `the dispute of ${event.type} cannot be read`, parsed.error);
  const dispute = parsed.data;
  const kind = kinds.get(dispute.status);
  if (!kind) return storedEvent(event, received);
  const fact = {
    ...eventFields(event, received),
    kind,
    providerObjectId: dispute.id,
    ...present({ chargeRef: dispute.charge, paymentRef: dispute.payment_intent }),
    amount: moneyOf(dispute.amount, dispute.currency),
    occurredAt: instantOf(event.type === 'charge.dispute.created' ? dispute.created : event.created),
  };
  const isInquiry = dispute.payment_method_details?.card?.case_type === 'inquiry';
  return readingOf(
    fact,
    isInquiry && kind !== 'dispute_inquiry' ? `an inquiry, but its status is ${dispute.status}` : undefined,
  );
};
