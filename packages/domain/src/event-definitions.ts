import type { z } from 'zod';
import { noticeEventSchemas } from './notice/events.ts';
import { paymentEventSchemas } from './payment/events.ts';
import { platformEventSchemas } from './platform/events.ts';
import { productKeyEventSchemas } from './product-key/events.ts';
import { seatEventSchemas } from './seat/events.ts';
import { subscriptionEventSchemas } from './subscription/events.ts';
import { subscriptionUpcasters } from './subscription/upcasters.ts';

/** A type of event as the event store wants to know it; structurally its `EventDefinition`. */
export type DomainEventDefinition = {
  readonly type: string;
  /** Current version, from 1; a change adds a version and an upcaster. */
  readonly schemaVersion: number;
  readonly schema: z.ZodType;
  /** `upcasters[n]` turns data of version n+1 into version n+2. Pure. */
  readonly upcasters?: readonly Upcaster[];
};

/** Turns the data of one version of an event into the next version's. It was valid when it was stored. */
export type Upcaster = (data: unknown) => unknown;

/** Every event of the domain. A type that is not here cannot be appended or read. */
export const eventDefinitions: readonly DomainEventDefinition[] = [
  ...definitionsOf(subscriptionEventSchemas, subscriptionUpcasters),
  ...definitionsOf(seatEventSchemas),
  ...definitionsOf(paymentEventSchemas),
  ...definitionsOf(platformEventSchemas),
  ...definitionsOf(productKeyEventSchemas),
  ...definitionsOf(noticeEventSchemas),
];

function definitionsOf(
  schemas: Readonly<Record<string, z.ZodType>>,
  upcasters: Readonly<Record<string, readonly Upcaster[]>> = {},
): DomainEventDefinition[] {
  return Object.entries(schemas).map(([type, schema]) => {
    const older = upcasters[type] ?? [];
    return { type, schemaVersion: older.length + 1, schema, ...(older.length > 0 && { upcasters: older }) };
  });
}
