import { eventSubject, partitionOf } from '@perennial/broker';
import { parseStream } from '@perennial/domain';

/** `<tenant>/<subscriptionId>` of an event of a subscription, a seat in it or a notice about it; else the stream's name. */
export function eventOrigin(stream: string): string {
  const identity = parseStream(stream);
  const isOfSubscription =
    identity?.kind === 'subscription' || identity?.kind === 'seat' || identity?.kind === 'notices';
  return isOfSubscription ? `${identity.tenant}/${identity.subscriptionId}` : stream;
}

/** Where an event is published: all events of one origin share a partition, so a reader of one sees them in order. */
export function subjectOf(origin: string, type: string): string {
  return eventSubject(partitionOf(origin), type);
}
