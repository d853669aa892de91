import { z } from '@hono/zod-openapi';
import { relatedKinds, type RelatedKind } from '@perennial/audit';
import { anyInstantSchema } from '@perennial/domain';
import { showEntries } from '../history-entries.ts';
import { operation, type AnyOperation } from '../operation.ts';
import { instantInputSchema, readQuerySchema, subscriptionIdSchema, tenantSchema } from '../schemas/identifiers.ts';
import { historySchema } from '../schemas/history.ts';
import type { ApiServices } from '../services.ts';
import { notFound } from './commands.ts';
import { asOf, logEndFrom } from './log-reads.ts';

const eventCountMax = 10_000;
const eventCountDefault = 1_000;

const bound = z
  .union([z.stringFormat('revision', /^\d{1,9}$/).transform(Number), z.pipe(z.string(), anyInstantSchema)])
  .optional()
  .openapi({ type: 'string', example: '2027-06-01T00:00:00Z', description: 'A revision, or an instant of valid time' });

const include = z
  .string()
  .transform((text, context): ReadonlySet<RelatedKind> => {
    const names = text === 'all' ? [...relatedKinds] : text.split(',');
    const known = relatedKinds.filter((kind) => names.includes(kind));
    if (known.length !== new Set(names).size) {
      context.addIssue({ code: 'custom', message: `all, or some of ${relatedKinds.join(',')}` });
    }
    return new Set(known);
  })
  .optional()
  .openapi({
    type: 'string',
    example: 'attempts,facts',
    description: `Also events of other streams, in the order of the log: all, or some of ${relatedKinds.join(', ')}`,
  });

/** The history of a subscription, straight from its stream. */
export function historyOperation(services: ApiServices): AnyOperation {
  return operation({
    id: 'readHistory',
    method: 'get',
    path: '/v1/tenants/{tenant}/subscriptions/{subscriptionId}/history',
    tag: 'Audit',
    summary: 'The timeline: every event, oldest first, with why it happened and what became of it',
    description:
      '`from` (included) and `to` (not included) bound it by revision, or by valid time (`effectiveAt`); `knownAt` leaves out what was recorded later. It is read from the event store, so it is never behind. What was undone or corrected stays, and is marked.',
    access: { kind: 'tenant' },
    params: z.object({ tenant: tenantSchema, subscriptionId: subscriptionIdSchema }),
    query: readQuerySchema.extend({
      from: bound,
      to: bound,
      knownAt: instantInputSchema.optional(),
      include,
      limit: z.coerce.number().int().min(1).max(eventCountMax).default(eventCountDefault),
    }),
    status: 200,
    response: historySchema,
    problems: ['NOT_FOUND', 'READ_MODEL_BEHIND'],
    handle: async ({ path, query: { minPosition, ...asked } }) => {
      const end = await logEndFrom(services, minPosition);
      const page = await services.audit.history({ ...path, ...asked });
      if (page === undefined) throw notFound(path.tenant, path.subscriptionId);
      const shown = await showEntries(page.entries, services.vault);
      return {
        body: { ...shown, incomplete: page.incomplete, next: page.next, asOfPosition: asOf(end, page.position) },
      };
    },
  });
}
