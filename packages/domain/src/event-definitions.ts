import type { z } from 'zod';
import { noticeEventSchemas } from './notice/events.ts';
import { paymentEventSchemas } from './payment/events.ts';
import { platformEventSchemas } from './platform/events.ts';
import { productKeyEventSchemas } from './product-key/events.ts';
import { seatEventSchemas } from './seat/events.ts';
import { subscriptionEventSchemas } from './subscription/events.ts';

/** A type of event as the event store wants to know it; structurally its `EventDefinition`. */
export type DomainEventDefinition = {
  readonly type: string;
  /** Current version, from 1; a change adds a version and an upcaster. */
  readonly schemaVersion: number;
  readonly schema: z.ZodType;
};

/** Every event of the domain. A type that is not here cannot be appended or read. */
export const eventDefinitions: readonly DomainEventDefinition[] = [
  ...firstVersions(subscriptionEventSchemas),
  ...firstVersions(seatEventSchemas),
  ...firstVersions(paymentEventSchemas),
  ...firstVersions(platformEventSchemas),
  ...firstVersions(productKeyEventSchemas),
  ...firstVersions(noticeEventSchemas),
];

function firstVersions(schemas: Readonly<Record<string, z.ZodType>>): DomainEventDefinition[] {
  return Object.entries(schemas).map(([type, schema]) => ({ type, schemaVersion: 1, schema }));
}
