import { paymentSubject, type Broker } from '@perennial/broker';
import { headers as natsHeaders } from 'nats';

/** Header that says whose webhook a message holds untouched; intake translates it. */
export const webhookHeader = 'Perennial-Webhook';

/** A payment fact in its CloudEvents envelope; attributes and fields that we do not know are kept. */
export type PaymentCloudEvent = {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly provider: string };
  readonly [attribute: string]: unknown;
};

/** What the broker said of a message: whether it had it already (within its duplicate window). */
export type PublishOutcome = { readonly duplicate: boolean };

/** A provider's webhook as it came. */
export type RawPayment = {
  readonly provider: string;
  /** What the broker recognises a repeat by. */
  readonly messageId: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
};

/** Stores a payment in `PAYMENTS`; resolves once the broker has it. Nothing is interpreted. */
export async function publishPayment(broker: Broker, event: PaymentCloudEvent): Promise<PublishOutcome> {
  const { provider, providerEventId } = event.data;
  const key = typeof providerEventId === 'string' ? providerEventId : `${event.source} ${event.id}`;
  return publish(broker, {
    provider,
    messageId: `${provider}:${key}`,
    bytes: Buffer.from(JSON.stringify(event)),
    headers: { 'Content-Type': 'application/cloudevents+json' },
  });
}

/** Stores a webhook's raw bytes in `PAYMENTS`; resolves once the broker has them. */
export async function publishRawPayment(broker: Broker, raw: RawPayment): Promise<PublishOutcome> {
  return publish(broker, {
    ...raw,
    messageId: `${raw.provider}:${raw.messageId}`,
    headers: { 'Content-Type': raw.contentType, [webhookHeader]: raw.provider },
  });
}

async function publish(
  broker: Broker,
  message: Pick<RawPayment, 'provider' | 'messageId' | 'bytes'> & {
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<PublishOutcome> {
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(message.headers)) headers.set(name, value);
  // Message ids are header values: printable ASCII, and no longer than a header should be.
  const msgID = encodeURIComponent(message.messageId).slice(0, 1_024);
  const ack = await broker.jetstream.publish(paymentSubject(message.provider), message.bytes, { msgID, headers });
  return { duplicate: ack.duplicate };
}
