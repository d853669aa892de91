import { z } from '@hono/zod-openapi';
import { anyInstantSchema } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { operation, type AnyOperation } from '../operation.ts';
import { subscriptionIdSchema, tenantSchema } from '../schemas/identifiers.ts';
import { readQuerySchema } from '../schemas/identifiers.ts';
import { historySchema } from '../schemas/history.ts';
import type { ApiServices } from '../services.ts';
import { notFound } from './commands.ts';
import { asOf, logEndFrom } from './log-reads.ts';

const eventCountMax = 10_000;

const bound = z
  .union([z.stringFormat('revision', /^\d{1,9}$/).transform(Number), z.pipe(z.string(), anyInstantSchema)])
  .optional()
  .openapi({ type: 'string', example: '2027-06-01T00:00:00Z', description: 'A revision, or an instant of valid time' });

/** The history of a subscription, straight from its stream. */
export function historyOperation(services: ApiServices): AnyOperation {
  return operation({
    id: 'readHistory',
    method: 'get',
    path: '/v1/tenants/{tenant}/subscriptions/{subscriptionId}/history',
    tag: 'Subscriptions',
    summary: 'The timeline: every event, oldest first',
    description:
      '`from` (included) and `to` (not included) bound it by revision, or by valid time (`effectiveAt`). It is read from the event store, so it is never behind.',
    access: { kind: 'tenant' },
    params: z.object({ tenant: tenantSchema, subscriptionId: subscriptionIdSchema }),
    query: readQuerySchema.extend({
      from: bound,
      to: bound,
      limit: z.coerce.number().int().min(1).max(eventCountMax).default(eventCountMax),
    }),
    status: 200,
    response: historySchema,
    problems: ['NOT_FOUND', 'READ_MODEL_BEHIND'],
    handle: async ({ path: { tenant, subscriptionId }, query: { from, to, limit, minPosition } }) => {
      const end = await logEndFrom(services, minPosition);
      const fromRevision = typeof from === 'number' ? from : 0;
      const found = await collect(services.history(tenant, subscriptionId, { fromRevision, maxCount: limit + 1 }));
      if (found.length === 0 && !(await exists(services, tenant, subscriptionId, fromRevision))) {
        throw notFound(tenant, subscriptionId);
      }
      const page = found.slice(0, limit);
      const events = page.filter((event) => isWithin(event, from, to));
      const users = await services.vault.userIdsOf(new Set(events.flatMap(personIdsOf)));
      return {
        body: {
          events: await Promise.all(events.map((event) => entryOf(event, users, services.vault))),
          people: Object.fromEntries(users),
          next: found[limit]?.revision ?? null,
          asOfPosition: asOf(end, page.at(-1)?.position),
        },
      };
    },
  });
}

async function collect(events: AsyncIterable<RecordedEvent>): Promise<readonly RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function exists(
  { history }: ApiServices,
  tenant: string,
  subscriptionId: string,
  fromRevision: number,
): Promise<boolean> {
  if (fromRevision === 0) return false;
  return (await collect(history(tenant, subscriptionId, { fromRevision: 0, maxCount: 1 }))).length > 0;
}

function isWithin(event: RecordedEvent, from?: number | string, to?: number | string): boolean {
  const at = event.metadata.effectiveAt;
  return (
    (typeof from !== 'string' || at >= from) &&
    (typeof to !== 'string' || at < to) &&
    (typeof to !== 'number' || event.revision < to)
  );
}

function personIdsOf({ data, metadata }: RecordedEvent): readonly string[] {
  const inData = typeof data === 'object' && data !== null && 'personId' in data ? [data.personId] : [];
  return [metadata.actor.id, ...inData].filter((id) => typeof id === 'string');
}

/** What is encrypted in the event, for whoever may read the history; nothing of it once its author was erased. */
async function readableOf({ data, metadata }: RecordedEvent, vault: ApiServices['vault']): Promise<object | undefined> {
  const text = typeof data === 'object' && data !== null && 'text' in data ? data.text : undefined;
  const sealed = Object.entries({ reason: metadata.reason, text }).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  if (sealed.length === 0) return undefined;
  const opened = await Promise.all(
    sealed.map(async ([field, value]) => {
      const decrypted = await vault.decrypt(value);
      return decrypted.kind === 'text' ? [[field, decrypted.text] as const] : [];
    }),
  );
  return Object.fromEntries(opened.flat());
}

/** An event as the timeline shows it: all fields, so that its hash can be checked from outside. */
async function entryOf(
  event: RecordedEvent,
  users: ReadonlyMap<string, string>,
  vault: ApiServices['vault'],
): Promise<object> {
  const { metadata } = event;
  const userId = users.get(metadata.actor.id);
  const readable = await readableOf(event, vault);
  return {
    revision: event.revision,
    id: event.id,
    type: event.type,
    data: event.data,
    effectiveAt: metadata.effectiveAt,
    recordedAt: metadata.recordedAt,
    actor: { ...metadata.actor, ...(userId !== undefined && { userId }) },
    commandId: metadata.commandId,
    correlationId: metadata.$correlationId,
    causationId: metadata.$causationId,
    policy: metadata.policy ?? null,
    catalogue: metadata.catalogue ?? null,
    reason: metadata.reason ?? null,
    ...(readable !== undefined && { readable }),
    schemaVersion: metadata.schemaVersion,
    hash: metadata.hash,
    prevHash: metadata.prevHash,
    position: String(event.position),
  };
}
