/**
 * The doors that an outsider has: HTTP, the broker, the Stripe webhook. The demo uses nothing else.
 *
 * @module
 */
import { connectBroker, encodePart, viewsBucketName, type Broker } from '@perennial/broker';
import { headers as natsHeaders } from 'nats';
import { signAsStripe } from '../../webhooks/stripe-signature.ts';
import { createApiClient, type ApiClient } from '../client.ts';
import type { StripeEvent } from './stripe-event.ts';

/** Where the doors are. */
export type DoorOptions = {
  readonly url: string;
  readonly nats: { readonly url: string; readonly credsPath?: string; readonly tlsCaPath?: string };
  readonly stripeSecret: string;
};

/** What the broker answers to a message: from here on it is stored. */
export type Stored = { readonly stream: string; readonly sequence: number; readonly duplicate: boolean };

/** See the module's description. */
export type Doors = {
  readonly api: ApiClient;
  /** Publishes to `billing.payments.v1.<provider>` over a connection of its own. */
  publish(provider: string, text: string, messageId?: string): Promise<Stored>;
  /** Sends an event to the webhook, signed as Stripe signs it; `secret` only to sign it wrongly. */
  stripe(event: StripeEvent, secret?: string): Promise<Readonly<Record<string, unknown>>>;
  /** The value of a key of the change feed; undefined while there is none. */
  view(...parts: readonly [model: string, tenant: string, key: string]): Promise<unknown>;
  close(): Promise<void>;
};

/** Connects. @throws BrokerError when the broker does not answer */
export async function openDoors(options: DoorOptions): Promise<Doors> {
  const broker = await connectBroker({ ...options.nats, name: 'demo' });
  // Loopback and no token: the caller is a global administrator, whose name the history will show.
  const api = createApiClient({ url: options.url, actor: 'user:demo' });
  return {
    api,
    publish: (provider, text, messageId) => publish(broker, provider, text, messageId),
    stripe: (event, secret = options.stripeSecret) => postToWebhook(api, event, secret),
    view: (...parts) => readView(broker, parts.map(encodePart).join('.')),
    close: () => broker.close(),
  };
}

async function publish(broker: Broker, provider: string, text: string, messageId?: string): Promise<Stored> {
  const headers = natsHeaders();
  if (messageId !== undefined) headers.set('Nats-Msg-Id', messageId);
  const { stream, seq, duplicate } = await broker.jetstream.publish(`billing.payments.v1.${provider}`, text, {
    headers,
  });
  return { stream, sequence: seq, duplicate };
}

async function postToWebhook(
  api: ApiClient,
  event: StripeEvent,
  secret: string,
): Promise<Readonly<Record<string, unknown>>> {
  const content = JSON.stringify(event);
  return api.send('POST', '/v1/webhooks/stripe', {
    text: { mediaType: 'application/json', content },
    // Stripe signs with the real time, whatever the virtual clock says.
    headers: { 'stripe-signature': signAsStripe(content, secret, Math.floor(Date.now() / 1_000)) },
    accept: [400],
  });
}

async function readView(broker: Broker, key: string): Promise<unknown> {
  const bucket = await broker.jetstream.views.kv(viewsBucketName, { bindOnly: true });
  return (await bucket.get(key))?.json();
}
