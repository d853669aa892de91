import {
  linksOf,
  parseStream,
  paymentKey,
  paymentStream,
  type PaymentLink as ReferenceLink,
  dataOf,
} from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { defineProjection, rootKey } from '../projection/projection.ts';
import { storableText } from '../sql/jsonb.ts';
import { referenceKey, referencesOfEnding, referencesOfFact } from './payment-references.ts';
import { paymentPrefix, toPaymentEvent } from './payment-event.ts';
import { evolvePayment, statusOf, type Payment } from './payment-row.ts';
import { factOf, subscriptionPrefix } from './subscription-event.ts';

/** The payment inbox (`domain.md 6.7`), one row per object of a provider. */
export const paymentInbox = defineProjection<Payment>({
  name: 'payment-inbox',
  version: 1,
  table: {
    name: 'payments',
    columns: [
      { name: 'provider', type: 'text' },
      { name: 'object', type: 'text' },
      { name: 'status', type: 'text' },
      { name: 'tenant', type: 'text' },
      { name: 'subscription_id', type: 'text' },
    ],
    // Stream of the subscription that a waiting payment was found to belong to; filled where links and facts meet.
    derivedColumns: [{ name: 'candidate', type: 'text' }],
    indexes: [
      `(position) where status = 'parked' and candidate is not null`,
      `(position) where status = 'matched'`,
      '(position)',
      '(candidate) where candidate is not null',
      '(tenant, subscription_id) where tenant is not null',
      '(stream) where parked_revision is not null',
    ],
  },
  handles: { streamPrefix: paymentPrefix, types: 'all' },
  root: true,
  keys: () => [rootKey],
  apply: (event, payment) => evolvePayment(payment, event),
  columns: (payment) => ({
    provider: payment.provider,
    object: payment.object,
    status: statusOf(payment),
    tenant: payment.matchedTo?.tenant ?? null,
    subscription_id: payment.matchedTo?.subscriptionId ?? null,
  }),
});

/** By what a waiting payment may be found, one row per reference. */
export const paymentReferences = defineProjection<object>({
  name: 'payment-references',
  version: 1,
  table: { name: 'payment_references', columns: [], indexes: ['(key)'] },
  handles: {
    streamPrefix: paymentPrefix,
    types: new Set(['PaymentFactParked', 'ProviderEndingParked', 'PaymentFactQuarantined']),
  },
  root: false,
  keys: (event) => {
    const { type, data } = toPaymentEvent(event);
    if (type === 'ProviderEndingParked') return referencesOfEnding(data.ending);
    return type === 'PaymentFactParked' || type === 'PaymentFactQuarantined' ? referencesOfFact(data.fact) : [];
  },
  apply: (_event, reference) => reference ?? {},
  columns: () => ({}),
});

/** A reference that belongs to a wider one: a charge to its invoice. */
export type ReferenceStep = { readonly from: string; readonly to: string };

/** Steps from narrow to wide references, learnt from facts that wait and from provider events that are only stored. */
export const referenceSteps = defineProjection<ReferenceStep>({
  name: 'reference-steps',
  version: 1,
  table: {
    name: 'reference_steps',
    columns: [
      { name: 'narrow', type: 'text' },
      { name: 'wide', type: 'text' },
    ],
    indexes: ['(narrow)', '(wide)'],
  },
  handles: { streamPrefix: paymentPrefix, types: new Set(['PaymentFactParked', 'ProviderEventStored']) },
  root: false,
  keys: (event) => stepsOf(event).map(stepKey),
  apply: (event, before, key) => before ?? stepsOf(event).find((step) => stepKey(step) === key) ?? null,
  columns: (step) => ({ narrow: step.from, wide: step.to }),
});

function stepsOf(event: RecordedEvent): ReferenceStep[] {
  const { type, data } = toPaymentEvent(event);
  const links: readonly ReferenceLink[] =
    type === 'PaymentFactParked' ? linksOf(data.fact) : type === 'ProviderEventStored' ? (data.links ?? []) : [];
  return links.map(({ provider, from, to }) => ({
    from: referenceKey(provider, from),
    to: referenceKey(provider, to),
  }));
}

function stepKey(step: ReferenceStep): string {
  return JSON.stringify([step.from, step.to]);
}

/** A payment for a subscription that is deleted: it has to be given back (`domain.md 6.3`). */
export type RefundDue = {
  readonly providerEventId: string;
  readonly provider: string;
  readonly object: string;
  /** Where the inbox keeps what it knows of the same payment. */
  readonly paymentStream: string;
  readonly subscriptionRef: string | null;
  readonly receivedAt: string;
  readonly tenant: string;
  readonly subscriptionId: string;
};

/** Refunds due that subscription streams recorded; those of payment streams are in the inbox itself. */
export const refundsDue = defineProjection<RefundDue>({
  name: 'refunds-due',
  version: 2,
  table: { name: 'refunds_due', columns: [], indexes: ['(position)'] },
  handles: { streamPrefix: subscriptionPrefix, types: 'all' },
  root: false,
  keys: (event) => {
    const fact = factOf(event);
    return fact?.kind === 'settled' ? [storableText(paymentKey(fact))] : [];
  },
  // The last reading counts: what became known since may have found a use for the payment, or taken it away.
  apply: (event) => {
    const recorded = dataOf(event, 'PaymentFactRecorded');
    const named = parseStream(event.stream);
    if (recorded?.effect !== 'refund_due' || named?.kind !== 'subscription') return null;
    return {
      providerEventId: recorded.fact.providerEventId,
      provider: recorded.fact.provider,
      object: recorded.fact.providerObjectId,
      paymentStream: paymentStream(recorded.fact.provider, recorded.fact.providerObjectId),
      receivedAt: recorded.fact.receivedAt ?? event.metadata.recordedAt,
      subscriptionRef: recorded.fact.subscriptionRef ?? null,
      tenant: named.tenant,
      subscriptionId: named.subscriptionId,
    };
  },
  columns: () => ({}),
});
