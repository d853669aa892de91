import { z } from '@hono/zod-openapi';
import { operation, type AnyOperation } from '../operation.ts';
import { actorOf } from '../people.ts';
import { ProblemError } from '../problem.ts';
import { entityTag } from '../request-ids.ts';
import { actionsSchema } from '../schemas/actions.ts';
import { instantInputSchema, pageQuerySchema, readQuerySchema } from '../schemas/identifiers.ts';
import { subscriptionIdSchema, tenantSchema } from '../schemas/identifiers.ts';
import { subscriptionSchema, subscriptionsSchema } from '../schemas/views.ts';
import type { ApiServices } from '../services.ts';
import { notFound } from './commands.ts';
import { asOf, logEndFrom } from './log-reads.ts';

const one = z.object({ tenant: tenantSchema, subscriptionId: subscriptionIdSchema });

/** The reads of subscriptions. */
export function subscriptionOperations(services: ApiServices): readonly AnyOperation[] {
  return [listOperation(services), showOperation(services), actionsOperation(services)];
}

function listOperation({ queries }: ApiServices): AnyOperation {
  return operation({
    id: 'listSubscriptions',
    method: 'get',
    path: '/v1/tenants/{tenant}/subscriptions',
    tag: 'Subscriptions',
    summary: 'The subscriptions of a tenant (Your products)',
    description: 'An unknown tenant has none.',
    access: { kind: 'tenant' },
    params: z.object({ tenant: tenantSchema }),
    query: readQuerySchema.extend(pageQuerySchema.shape),
    status: 200,
    response: subscriptionsSchema,
    problems: ['READ_MODEL_BEHIND'],
    handle: async ({ path, query }) => ({ body: await queries.subscriptions(path.tenant, query) }),
  });
}

function showOperation(services: ApiServices): AnyOperation {
  const { queries } = services;
  return operation({
    id: 'showSubscription',
    method: 'get',
    path: '/v1/tenants/{tenant}/subscriptions/{subscriptionId}',
    tag: 'Subscriptions',
    summary: 'One subscription',
    description: '`at` asks for the state at another valid time, `knownAt` for what was known at another system time.',
    access: { kind: 'tenant' },
    params: one,
    query: readQuerySchema.extend({ at: instantInputSchema.optional(), knownAt: instantInputSchema.optional() }),
    status: 200,
    response: subscriptionSchema,
    problems: ['NOT_FOUND', 'READ_MODEL_BEHIND', 'NOT_IMPLEMENTED_YET'],
    handle: async ({ path: { tenant, subscriptionId }, query: { at, knownAt, minPosition } }) => {
      const isPast = at !== undefined || knownAt !== undefined;
      const found = isPast
        ? await subscriptionThen(services, tenant, subscriptionId, { at, knownAt, minPosition })
        : await queries.subscription(tenant, subscriptionId, { minPosition });
      if (found === undefined) throw notFound(tenant, subscriptionId);
      return { body: found, headers: { etag: entityTag(found.version) } };
    },
  });
}

function actionsOperation(services: ApiServices): AnyOperation {
  return operation({
    id: 'listActions',
    method: 'get',
    path: '/v1/tenants/{tenant}/subscriptions/{subscriptionId}/actions',
    tag: 'Subscriptions',
    summary: 'Every command with whether the caller may give it now, and why not',
    description: 'The same decision as the command itself, so the list can never disagree with it.',
    access: { kind: 'tenant' },
    params: one,
    query: readQuerySchema.extend({ at: instantInputSchema.optional() }),
    status: 200,
    response: actionsSchema,
    problems: ['NOT_FOUND', 'READ_MODEL_BEHIND'],
    handle: async ({ path, query: { at, minPosition }, caller }) => {
      const end = await logEndFrom(services, minPosition);
      const result = await services.commands.actions({
        ...path,
        actor: await actorOf(services.vault, caller, path.tenant, 'known-only'),
        roles: caller.roles,
        ...(at !== undefined && { at }),
      });
      if (result.kind === 'not-found') throw notFound(path.tenant, path.subscriptionId);
      return {
        body: { actions: result.actions, asOfPosition: String(end) },
        headers: { etag: entityTag(result.header.revision) },
      };
    },
  });
}

type When = {
  readonly at?: string | undefined;
  readonly knownAt?: string | undefined;
  readonly minPosition?: string | undefined;
};

/** The subscription as of another time, from the log. */
async function subscriptionThen(
  services: ApiServices,
  tenant: string,
  subscriptionId: string,
  { at, knownAt, minPosition }: When,
) {
  if (services.timeTravel === undefined) {
    throw new ProblemError('NOT_IMPLEMENTED_YET', 'The state at another time (at, knownAt) is not available yet.');
  }
  const end = await logEndFrom(services, minPosition);
  const found = await services.timeTravel.subscription(tenant, subscriptionId, { at, knownAt });
  return found && { ...found, asOfPosition: asOf(end, found.asOfPosition) };
}
