import { z } from 'zod';
import { maskCardNumbers } from '../card-number.ts';
import { paymentFactKinds, paymentFactSchema, type PaymentFactKind } from '../fact.ts';
import { findIllFormedText } from '../find-text.ts';
import { readingOf, unreadable, type Delivery, type PaymentReading, type Received } from '../reading.ts';
import { unpackMessage, type CloudEventMessage } from './message.ts';

const attribute = z.string().min(1).max(2048);

/** CloudEvents 1.0 as far as we need it; other attributes are allowed and ignored. */
const cloudEventSchema = z.looseObject({
  specversion: z.string().regex(/^1\.\d+$/, 'CloudEvents 1.0'),
  id: attribute,
  source: attribute,
  type: attribute,
  time: z.string().optional(),
  data: z.unknown().optional(),
  data_base64: z.base64().optional(),
});

type CloudEvent = z.infer<typeof cloudEventSchema>;

const typePrefix = 'payment.';

/** That a provider ended a subscription is no payment; only its own adapter says so. */
const publishable = paymentFactKinds.filter((kind) => kind !== 'ended');

/** Set from the event's type or by the intake, whatever the publisher wrote there. */
const notTheirs: ReadonlySet<string> = new Set(['kind', 'receivedAt', 'rawRef', 'cause']);

/** Fields of a fact that a publisher may fill; all others are unknown to us, also one named `extra`. */
const theirs: ReadonlySet<string> = new Set(
  Object.keys(paymentFactSchema.shape).filter((name) => !notTheirs.has(name) && name !== 'extra'),
);

/** Unknown fields are kept in the log up to this many characters of JSON; beyond it only the raw message has them. */
const extraCharactersMax = 16_384;

/** Reads every CloudEvent of a message; one that is wrong does not spoil the others of its batch. */
export function paymentFactsFromCloudEvents(message: CloudEventMessage, received: Received): PaymentReading[] {
  const unpacked = unpackMessage(message);
  if (unpacked.kind === 'unreadable') return [unpacked];
  return unpacked.events.map((event) => paymentFactFromCloudEvent(event, received));
}

/**
 * Reads one CloudEvent (`contract.md`, NATS): `type` says the kind, `data` is the fact. `null` stands for absent, unknown
 * fields are kept and ignored, card numbers are masked.
 */
export function paymentFactFromCloudEvent(event: unknown, received: Received): PaymentReading {
  const illFormed = findIllFormedText(event);
  if (illFormed !== undefined) return unreadable('ILL_FORMED_TEXT', `${illFormed} holds half a surrogate pair`);
  const parsed = cloudEventSchema.safeParse(maskCardNumbers(event));
  if (!parsed.success) {
    return unreadable('NOT_A_CLOUDEVENT', 'this is not a CloudEvent 1.0; see docs/payments.md', parsed.error);
  }
  const cloudEvent = parsed.data;
  const delivery = { source: cloudEvent.source, id: cloudEvent.id };
  const data = dataOf(cloudEvent);
  const kind = kindOf(cloudEvent.type);
  if (!kind) return stored(cloudEvent, data, delivery, received);
  if (!data) return unreadable('INVALID_FACT', 'the event has no data; put the payment fact into "data" as JSON');
  return readingOf({ ...fieldsOf(data), ...received, kind }, undefined, delivery);
}

function kindOf(type: string): PaymentFactKind | undefined {
  return publishable.find((kind) => type === typePrefix + kind);
}

/** `data` or the JSON in `data_base64`; masked again, because what was encoded was not seen before. */
function dataOf(event: CloudEvent): Readonly<Record<string, unknown>> | undefined {
  let data: unknown = event.data;
  if (event.data_base64 !== undefined) {
    try {
      const bytes = Uint8Array.from(atob(event.data_base64), (byte) => byte.charCodeAt(0));
      data = maskCardNumbers(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
    } catch {
      return undefined;
    }
  }
  const isObject = data !== null && typeof data === 'object' && !Array.isArray(data);
  // An object that came from JSON has string names and unknown values.
  return isObject ? (data as Readonly<Record<string, unknown>>) : undefined;
}

function fieldsOf(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known: Record<string, unknown> = {};
  const unknown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) {
    if (theirs.has(name)) {
      // `nextAttemptAt: null` is a statement, every other null is an absence.
      if (value !== null || name === 'nextAttemptAt') known[name] = value;
    } else if (!notTheirs.has(name)) Object.defineProperty(unknown, name, { value, enumerable: true });
  }
  const size = Object.keys(unknown).length === 0 ? 0 : JSON.stringify(unknown).length;
  return size > 0 && size <= extraCharactersMax ? { ...known, extra: unknown } : known;
}

function stored(
  event: CloudEvent,
  data: Readonly<Record<string, unknown>> | undefined,
  delivery: Delivery,
  received: Received,
): PaymentReading {
  const named = paymentFactSchema.shape;
  const provider = named.provider.safeParse(data?.provider);
  const eventId = named.providerEventId.safeParse(data?.providerEventId);
  const objectId = named.providerObjectId.safeParse(data?.providerObjectId);
  const occurredAt = named.occurredAt.safeParse(data?.occurredAt ?? event.time);
  return {
    kind: 'stored',
    event: {
      provider: provider.success ? provider.data : 'cloudevents',
      providerEventId: eventId.success ? eventId.data : event.id.slice(0, 256),
      providerObjectId: objectId.success ? objectId.data : event.id.slice(0, 256),
      type: event.type.slice(0, 256),
      ...(occurredAt.success ? { occurredAt: occurredAt.data } : {}),
      ...received,
    },
    delivery,
  };
}
