import { createHash } from 'node:crypto';
import {
  paymentFactsFromCloudEvents,
  paymentFactsFromStripe,
  subscriptionStream,
  type Instant,
  type PaymentReading,
} from '@perennial/domain';
import { namedSubscription } from '../payments/named-subscription.ts';
import { streamOf, type ReadablePayment } from '../payments/payment-desk.ts';
import { webhookHeader } from '../payments/publish-payment.ts';

/** A message of `PAYMENTS` as intake reads it. */
export type PaymentMessage = {
  /** The first value of every header. */
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
};

/** A message that no adapter can read. */
export class UnreadablePaymentError extends Error {
  override readonly name = 'UnreadablePaymentError';
  readonly code = 'PAYMENT_UNREADABLE';
  constructor(reading: Extract<PaymentReading, { kind: 'unreadable' }>) {
    const issues = reading.issues.slice(0, 5).map(({ path, message }) => `${path}: ${message}`);
    super([`${reading.code}: ${reading.message}`, ...issues].join('; '));
  }
}

/** Translates a message into what it says: several facts for a batch. Never throws: what cannot be read is a reading. */
export function readPayments(message: PaymentMessage, receivedAt: Instant): readonly PaymentReading[] {
  const received = { receivedAt, rawRef: createHash('sha256').update(message.data).digest('hex') };
  const webhook = headerOf(message, webhookHeader);
  if (webhook === undefined) {
    return paymentFactsFromCloudEvents({ headers: message.headers, body: message.data }, received);
  }
  if (webhook !== 'stripe') {
    return [unreadable('NOT_A_CLOUDEVENT', `no adapter reads webhooks of "${webhook}"`)];
  }
  const event = parseJson(message.data);
  return event === undefined
    ? [unreadable('NOT_JSON', 'the body is not JSON')]
    : paymentFactsFromStripe(event, received);
}

/** Payments of one lane are handled one after the other, in their order: the stream that they go to first. */
export function laneOf(reading: ReadablePayment): string {
  switch (reading.kind) {
    case 'stored':
      return streamOf(reading.event);
    case 'ending':
      return namedStream(reading.ending.subscriptionRef) ?? streamOf(reading.ending);
    case 'fact':
    case 'quarantine':
      return namedStream(reading.fact.subscriptionRef) ?? streamOf(reading.fact);
    default:
      return reading satisfies never;
  }
}

function namedStream(reference: string | undefined): string | undefined {
  const subscription = namedSubscription(reference);
  return subscription && subscriptionStream(subscription.tenant, subscription.subscriptionId);
}

function headerOf(message: PaymentMessage, name: string): string | undefined {
  const found = Object.entries(message.headers).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return found?.[1];
}

function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch {
    // Not JSON, or not UTF-8: the caller says so and parks the bytes.
    return undefined;
  }
}

function unreadable(code: 'NOT_JSON' | 'NOT_A_CLOUDEVENT', message: string): PaymentReading {
  return { kind: 'unreadable', code, message, issues: [] };
}
