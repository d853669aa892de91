import { createHash } from 'node:crypto';
import { paymentSubject, type Broker } from '@perennial/broker';
import { headers as natsHeaders } from 'nats';

/** Header that says whose webhook a message holds untouched; intake translates it. */
export const webhookHeader = 'Perennial-Webhook';

const messageIdLengthMax = 512;
const providerPattern = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** A payment fact in its CloudEvents envelope; attributes and fields that we do not know are kept. */
export type PaymentCloudEvent = {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly data?: unknown;
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

/**
 * Stores a payment in `PAYMENTS`; resolves once the broker has it. Nothing is interpreted: only the very same event
 * (`source`, `id` and the provider's own id) counts as sent twice, because what the broker calls a duplicate it drops.
 */
export async function publishPayment(broker: Broker, event: PaymentCloudEvent): Promise<PublishOutcome> {
  const { provider, providerEventId } = namesIn(event.data);
  return publish(broker, {
    provider,
    messageId: [provider, event.source, event.id, providerEventId].join(' '),
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

/** A type that we do not know may name no provider: it is stored all the same (`domain.md 6.10` rule 4). */
function namesIn(data: unknown): { readonly provider: string; readonly providerEventId: string } {
  const { provider, providerEventId } = Object(data) as Readonly<Record<string, unknown>>;
  return {
    provider: typeof provider === 'string' && providerPattern.test(provider) ? provider : 'cloudevents',
    providerEventId: typeof providerEventId === 'string' ? providerEventId : '',
  };
}

/** Message ids are header values: printable ASCII, and short. Cutting one off would make strangers duplicates. */
function messageIdOf(text: string): string {
  const encoded = encodeURIComponent(text);
  return encoded.length <= messageIdLengthMax ? encoded : createHash('sha256').update(text).digest('hex');
}

async function publish(
  broker: Broker,
  message: Pick<RawPayment, 'provider' | 'messageId' | 'bytes'> & {
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<PublishOutcome> {
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(message.headers)) headers.set(name, value);
  const msgID = messageIdOf(message.messageId);
  const ack = await broker.jetstream.publish(paymentSubject(message.provider), message.bytes, { msgID, headers });
  return { duplicate: ack.duplicate };
}
