import { streams, type Broker } from '@perennial/broker';
import { paymentFactsFromCloudEvents, type PaymentFact } from '@perennial/domain';
import { createLanes } from '@perennial/handlers';
import { AckPolicy, DeliverPolicy, nanos, type JsMsg } from 'nats';
import type { Subscription } from '../load/payments.ts';
import { hashOf, type Handle } from './handler.ts';
import { committedSubject, type Committed } from './messages.ts';

const unackedCountMax = 256;
const ackWaitMs = 30_000;

/** A running consumer. */
export type Intake = {
  /** Lets what is in flight end. */
  stop(): Promise<void>;
};

/**
 * Payments in, the way Perennial's intake takes them: a durable pull consumer on `PAYMENTS`, one payment at a time per
 * subscription, many side by side, acknowledged after the commit.
 */
export async function startIntake(
  broker: Broker,
  handle: Handle,
  options: { readonly inFlightCountMax: number; readonly onFailure: (error: unknown) => void },
): Promise<Intake> {
  await broker.jetstreamManager.consumers.add(streams.payments, {
    durable_name: 'emmett',
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: unackedCountMax,
    max_deliver: -1,
  });
  const consumer = await broker.jetstream.consumers.get(streams.payments, 'emmett');
  const messages = await consumer.consume({ max_messages: unackedCountMax });
  const lanes = createLanes({ inFlightCountMax: options.inFlightCountMax, waitingCountMax: Infinity });

  const receive = async (message: JsMsg): Promise<void> => {
    const fact = readFact(message);
    const subscription = subscriptionOf(fact);
    const commandId = `fact:${fact.provider}:${fact.providerEventId}`;
    const input = { kind: 'fact', fact, commandId, commandHash: hashOf(fact) } as const;
    const cause = {
      actor: { type: 'provider', id: fact.provider },
      correlationId: message.headers?.get('Nats-Msg-Id') ?? '',
      causationId: `${streams.payments}:${message.seq}`,
    };
    await lanes.run(fact.subscriptionRef ?? '', async () => {
      const version = await handle(subscription, input, cause);
      message.ack();
      const committed: Committed = { ...subscription, version };
      broker.connection.publish(committedSubject, JSON.stringify(committed));
    });
  };
  const consuming = (async () => {
    // A failure would be an error of the bench: there is nothing to retry for.
    for await (const message of messages) void receive(message).catch(options.onFailure);
  })();
  return {
    stop: async () => {
      messages.stop();
      await consuming;
      await lanes.idle();
    },
  };
}

function readFact(message: JsMsg): PaymentFact {
  const headers = Object.fromEntries([...(message.headers ?? [])].map(([name, values]) => [name, values[0] ?? '']));
  const [reading] = paymentFactsFromCloudEvents(
    { headers, body: message.data },
    { receivedAt: new Date().toISOString() },
  );
  if (reading?.kind !== 'fact') throw new TypeError(`a payment of the bench could not be read: ${reading?.kind}`);
  return reading.fact;
}

function subscriptionOf(fact: PaymentFact): Subscription {
  const [tenant, subscriptionId] = (fact.subscriptionRef ?? '').split('/');
  if (tenant === undefined || subscriptionId === undefined) throw new TypeError('a payment of the bench names nobody');
  return { tenant, subscriptionId };
}
