import { BrokerError } from '../errors/broker-error.ts';
import { decodePart, encodePart } from './encode-part.ts';
import { partitionCount } from './partition.ts';

/** The names others rely on (contract, NATS). */
export const streams = { payments: 'PAYMENTS', events: 'EVENTS', parked: 'PARKED', views: 'KV_views' } as const;

/** Name of one of our streams. */
export type StreamName = (typeof streams)[keyof typeof streams];

/** The key-value bucket of read-model rows; its stream is `KV_views`. */
export const viewsBucketName = 'views';

/** What each stream takes. */
export const subjectFilters = {
  PAYMENTS: 'billing.payments.v1.>',
  EVENTS: 'subscriptions.events.v1.>',
  PARKED: 'subscriptions.parked.v1.>',
  KV_views: '$KV.views.>',
} as const satisfies Record<StreamName, string>;

/** Where payments of a provider are published: `billing.payments.v1.<provider>`. */
export function paymentSubject(provider: string): string {
  return `billing.payments.v1.${encodePart(provider)}`;
}

/** Where a domain event is published: `subscriptions.events.v1.<partition>.<EventType>`. */
export function eventSubject(partition: number, type: string): string {
  assertPartition(partition);
  return `subscriptions.events.v1.${partition}.${encodePart(type)}`;
}

/** A filter for every event of one partition. */
export function partitionFilter(partition: number): string {
  assertPartition(partition);
  return `subscriptions.events.v1.${partition}.>`;
}

/** Where a component parks what it cannot handle: `subscriptions.parked.v1.<component>`. */
export function parkedSubject(component: string): string {
  return `subscriptions.parked.v1.${encodePart(component)}`;
}

/** The names a row of a read model goes by. */
export interface ViewKey {
  readonly model: string;
  readonly tenant: string;
  readonly key: string;
}

/** The key of a row in the bucket `views`: `<model>.<tenant>.<key>`, each part encoded. */
export function viewKey(model: string, tenant: string, key: string): string {
  return [model, tenant, key].map(encodePart).join('.');
}

/**
 * Reads a key of the bucket `views`.
 *
 * @throws BrokerError VIEW_KEY_INVALID when `viewKey` did not write it
 */
export function parseViewKey(text: string): ViewKey {
  const parts = text.split('.').map(decodePart);
  const [model, tenant, key] = parts;
  if (parts.length !== 3 || model === undefined || tenant === undefined || key === undefined) {
    throw new BrokerError('VIEW_KEY_INVALID', `"${text}" is no key of the bucket ${viewsBucketName}.`);
  }
  return { model, tenant, key };
}

function assertPartition(partition: number): void {
  if (Number.isInteger(partition) && partition >= 0 && partition < partitionCount) return;
  throw new BrokerError('SUBJECT_INVALID', `${partition} is no partition: they run from 0 to ${partitionCount - 1}.`);
}
