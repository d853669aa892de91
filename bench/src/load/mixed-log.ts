import {
  paymentStream,
  seatStream,
  subscriptionCommandSchemas,
  subscriptionStream,
  type PaymentEvent,
  type DecidedSeatEvent,
  type PaymentFact,
  type SubscriptionCommand,
  type SubscriptionEvent,
} from '@perennial/domain';
import { beginLife, factOf, renewal, type Life } from './history.ts';
import { purchase, subscriptionsOf, type Subscription } from './payments.ts';

/** An event before it is appended: what a decision says, and the command that asked for it. */
export type LogEvent = Pick<SubscriptionEvent, 'effectiveAt' | 'recordedAt' | 'commandId' | 'commandHash'> & {
  readonly type: string;
  readonly data: unknown;
};

/** What one command appends to one stream. */
export type LogAppend = { readonly stream: string; readonly tenant: string; readonly events: readonly LogEvent[] };

const personCount = 4;
const renewalCount = 16;
/** Every which renewal is paid by a payment that waited. */
const waitingEvery = 4;
/** Subscriptions that live at the same time: their commands take turns in the log. */
const generationSize = 100;
/** Stands for one subscription in the life that all others are copied from. */
const model: Subscription = { tenant: 'tenant-model', subscriptionId: 's-model' };

/**
 * A log as a billing system leaves it, about `eventCount` events long: subscriptions that renew, people who are given seats
 * and use them, payments that waited. One life is decided by the domain and copied, so that making it costs little.
 */
export function* mixedLog(eventCount: number, beganAt: Date): Generator<LogAppend> {
  const life = JSON.stringify(lifeOf(model, beganAt));
  const perLife = (JSON.parse(life) as LogAppend[]).reduce((count, { events }) => count + events.length, 0);
  const subscriptions = subscriptionsOf(Math.max(1, Math.round(eventCount / perLife)));
  for (let from = 0; from < subscriptions.length; from += generationSize) {
    const lives = subscriptions.slice(from, from + generationSize).map((subscription) => copyOf(life, subscription));
    const stepCount = Math.max(...lives.map((appends) => appends.length));
    for (let step = 0; step < stepCount; step += 1) {
      for (const appends of lives) {
        const append = appends[step];
        if (append) yield append;
      }
    }
  }
}

/** Ids are unambiguous texts of their own, so the copy differs in them alone. */
function copyOf(life: string, { tenant, subscriptionId }: Subscription): LogAppend[] {
  // The text was made from exactly that.
  return JSON.parse(
    life.replaceAll(model.tenant, tenant).replaceAll(model.subscriptionId, subscriptionId),
  ) as LogAppend[];
}

function lifeOf(subscription: Subscription, beganAt: Date): LogAppend[] {
  const { tenant, subscriptionId } = subscription;
  const stream = subscriptionStream(tenant, subscriptionId);
  const life = beginLife(subscription, beganAt);
  const order = (name: string, command: SubscriptionCommand): LogAppend => ({
    stream,
    tenant,
    events: life.order(`${subscriptionId}-${name}`, command),
  });
  const body = { ...purchase, seats: personCount };
  const opened = [
    order('create', { name: 'create', body: subscriptionCommandSchemas.create.parse(body) }),
    order('activate', { name: 'activate', body: {} }),
  ];
  const seats = Array.from({ length: personCount }, (_, index) => {
    const personId = `person-${index}-of-${subscriptionId}`;
    const assigned = order(`assign-${index}`, { name: 'assign-license', body: { personId, appsOff: [] } });
    return [assigned, ...useOfSeat(subscription, personId, life)];
  });
  const renewals = Array.from({ length: renewalCount }, (_, index) => {
    const fact = factOf(subscription, `${subscriptionId}-${index}`, life.at());
    const renewed = { stream, tenant, events: life.take(renewal(fact)) };
    return index % waitingEvery === 0 ? [...waitingPayment(subscription, fact), renewed] : [renewed];
  });
  return [...opened, ...seats.flat(), ...renewals.flat()];
}

/** What a person does with the seat that the last event gave: an app off, two devices. */
function useOfSeat({ tenant, subscriptionId }: Subscription, personId: string, life: Life): LogAppend[] {
  const heldSince = life.state().header?.revision ?? 0;
  const holding = { personId, heldSince, subscriptionRevision: heldSince };
  const events: DecidedSeatEvent[] = [
    { type: 'AppsToggled', data: { ...holding, appsOff: ['teams'] }, effectiveAt: life.at().toISOString() },
    ...['laptop', 'phone'].map((deviceId): DecidedSeatEvent => ({
      type: 'DeviceActivated',
      data: { ...holding, deviceId, kind: deviceId === 'phone' ? 'phone' : 'computer' },
      effectiveAt: life.at().toISOString(),
    })),
  ];
  return asAppends(seatStream(tenant, subscriptionId, personId), tenant, events, personId);
}

/** A payment that came before anybody knew whose it was, and found its subscription. */
function waitingPayment({ tenant, subscriptionId }: Subscription, fact: PaymentFact): LogAppend[] {
  const about = { providerEventIds: [fact.providerEventId], subscription: { tenant, subscriptionId } };
  const effectiveAt = fact.occurredAt;
  const events: PaymentEvent[] = [
    {
      type: 'PaymentFactParked',
      data: { fact, reason: 'UNKNOWN_SUBSCRIPTION', receivedAt: effectiveAt },
      effectiveAt,
    },
    { type: 'PaymentFactMatched', data: { ...about, by: 'link' }, effectiveAt },
    { type: 'PaymentFactApplied', data: { ...about, outcome: 'APPLIED' }, effectiveAt },
  ];
  return asAppends(paymentStream(fact.provider, fact.providerObjectId), tenant, events, fact.providerEventId);
}

/** Events of another stream than the subscription's, one command each. */
function asAppends(
  stream: string,
  tenant: string,
  events: readonly (DecidedSeatEvent | PaymentEvent)[],
  name: string,
): LogAppend[] {
  return events.map((event, index) => ({
    stream,
    tenant,
    events: [{ ...event, recordedAt: event.effectiveAt, commandId: `${name}-${index}` }],
  }));
}
