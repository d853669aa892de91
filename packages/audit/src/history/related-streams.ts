/**
 * What belongs to the history of a subscription and lies in other streams: refused commands, the way of its payments, the
 * product keys redeemed for it, what people did with their seats, what they were told.
 *
 * @module
 */
import {
  attemptsStream,
  noticesStream,
  parseStream,
  productKeyStream,
  seatStream,
  type StreamIdentity,
  dataOf,
} from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import type { Log } from '../log/log.ts';
import type { PaymentDirectory } from '../log/payment-directory.ts';
import type { StreamMemory } from '../log/stream-memory.ts';
import { fieldOf } from '../log/field-of.ts';
import { factOf, streamOfFact } from './payment-cause.ts';

/** What may be asked for beside the subscription's own events. */
export const relatedKinds = ['attempts', 'facts', 'keys', 'seats', 'notices'] as const;

/** See {@link relatedKinds}. */
export type RelatedKind = (typeof relatedKinds)[number];

/** Other streams looked into for one page. */
const streamCountMax = 500;
/** Far more than are kept. */
const attemptCountMax = 1_000;

type Subscription = Extract<StreamIdentity, { kind: 'subscription' }>;

/** What lies in related streams. */
export type RelatedEvents = {
  /** In the log's order. */
  readonly events: readonly RecordedEvent[];
  /** Kinds of which a later question may know more. */
  readonly incomplete: readonly RelatedKind[];
};

/** What the search is made in. */
export type RelatedSources = {
  readonly log: Pick<Log, 'readStream'>;
  readonly streams: StreamMemory;
  readonly payments: PaymentDirectory;
};

/** Gathers them. @param events of the subscription, in order */
export async function relatedEvents(
  { log, streams, payments }: RelatedSources,
  events: readonly RecordedEvent[],
  kinds: ReadonlySet<RelatedKind>,
): Promise<RelatedEvents> {
  const [first] = events;
  const subscription = first && parseStream(first.stream);
  if (subscription?.kind !== 'subscription') return { events: [], incomplete: [] };
  const named = kinds.has('facts') ? await payments.streamsNaming(subscription) : undefined;
  const names = new Set(named?.streams);
  if (kinds.has('facts')) for (const name of paymentStreams(events)) names.add(name);
  if (kinds.has('keys')) for (const name of keyStreams(events)) names.add(name);
  if (kinds.has('notices')) names.add(noticesStream(subscription.tenant, subscription.subscriptionId));
  if (kinds.has('seats')) for (const name of seatStreams(events, subscription)) names.add(name);
  const found: RecordedEvent[] = [];
  // The newest are the last ones named.
  for (const name of [...names].slice(-streamCountMax)) found.push(...(await streams.read(name)));
  if (kinds.has('attempts')) {
    const { tenant, subscriptionId } = subscription;
    const attempts = log.readStream(attemptsStream(tenant, subscriptionId), { maxCount: attemptCountMax });
    for await (const attempt of attempts) found.push(attempt);
  }
  return { events: found.sort(byPosition), incomplete: named?.complete === false ? ['facts'] : [] };
}

/** The log's own order. */
export function byPosition(a: RecordedEvent, b: RecordedEvent): number {
  return a.position < b.position ? -1 : a.position > b.position ? 1 : 0;
}

function* paymentStreams(events: readonly RecordedEvent[]): Generator<string> {
  for (const event of events) {
    const fact = factOf(event);
    if (fact !== undefined) yield streamOfFact(fact);
    const { $causationId } = event.metadata;
    if ($causationId.startsWith('matched:')) yield $causationId.slice('matched:'.length);
  }
}

function* keyStreams(events: readonly RecordedEvent[]): Generator<string> {
  for (const event of events) {
    const keyId = event.type === 'ProductKeyApplied' ? fieldOf(event, 'keyId') : undefined;
    if (typeof keyId === 'string') yield productKeyStream(keyId);
  }
}

function* seatStreams(events: readonly RecordedEvent[], { tenant, subscriptionId }: Subscription): Generator<string> {
  for (const event of events) {
    const assigned = dataOf(event, 'LicenseAssigned');
    if (assigned !== undefined) yield seatStream(tenant, subscriptionId, assigned.personId);
  }
}
