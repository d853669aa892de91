import { z } from '@hono/zod-openapi';
import { operation, type AnyOperation } from '../operation.ts';
import { actorOf } from '../people.ts';
import { entityTag } from '../request-ids.ts';
import { actionsSchema } from '../schemas/actions.ts';
import {
  asksForAnotherTime,
  pageQuerySchema,
  readQuerySchema,
  timeQuerySchema,
  subscriptionIdSchema,
  tenantSchema,
} from '../schemas/identifiers.ts';
import { subscriptionSchema, subscriptionsSchema } from '../schemas/views.ts';
import type { ApiServices } from '../services.ts';
import { notFound } from './commands.ts';
import { logEndFrom } from './log-reads.ts';

const one = z.object({ tenant: tenantSchema, subscriptionId: subscriptionIdSchema });

/** The reads of subscriptions. */
export function subscriptionOperations(services: ApiServices): readonly AnyOperation[] {
  return [listOperation(services), showOperation(services), actionsOperation(services)];
}

const pageCountMax = 10_000;

function listOperation(services: ApiServices): AnyOperation {
  return operation({
    id: 'listSubscriptions',
    method: 'get',
    path: '/v1/tenants/{tenant}/subscriptions',
    tag: 'Subscriptions',
    summary: 'The subscriptions of a tenant (Your products)',
    description: 'An unknown tenant has none. `at` and `knownAt` ask for another instant.',
    access: { kind: 'tenant' },
    params: z.object({ tenant: tenantSchema }),
    query: readQuerySchema.extend(pageQuerySchema.shape).extend(timeQuerySchema.shape),
    status: 200,
    response: subscriptionsSchema,
    problems: ['READ_MODEL_BEHIND'],
    handle: async ({ path: { tenant }, query: { at, knownAt, minPosition, after, limit } }) => {
      if (!asksForAnotherTime({ at, knownAt })) {
        return { body: await services.queries.subscriptions(tenant, { minPosition, after, limit }) };
      }
      const end = await logEndFrom(services, minPosition);
      const page = { after, limit: limit ?? pageCountMax };
      const { subscriptions, next } = await services.audit.subscriptions(tenant, { at, knownAt }, page);
      return { body: { subscriptions, ...(next !== undefined && { next }), asOfPosition: String(end) } };
    },
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
    query: readQuerySchema.extend(timeQuerySchema.shape),
    status: 200,
    response: subscriptionSchema,
    problems: ['NOT_FOUND', 'READ_MODEL_BEHIND'],
    handle: async ({ path: { tenant, subscriptionId }, query: { at, knownAt, minPosition } }) => {
      const found = asksForAnotherTime({ at, knownAt })
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
    description:
      'The same decision as the command itself, so the list can never disagree with it. With `at` or `knownAt`: what the caller could have done, with the facts and the catalogue of that time.',
    access: { kind: 'tenant' },
    params: one,
    query: readQuerySchema.extend(timeQuerySchema.shape),
    status: 200,
    response: actionsSchema,
    problems: ['NOT_FOUND', 'READ_MODEL_BEHIND'],
    handle: async ({ path, query: { at, knownAt, minPosition }, caller }) => {
      const end = await logEndFrom(services, minPosition);
      const actor = await actorOf(services.vault, caller, path.tenant, 'known-only');
      const request = { ...path, actor, roles: caller.roles };
      const found = asksForAnotherTime({ at, knownAt })
        ? await services.audit.actions(request, { at, knownAt })
        : await actionsNow(services, request);
      if (found === undefined) throw notFound(path.tenant, path.subscriptionId);
      return {
        body: { actions: found.actions, asOfPosition: String(end) },
        headers: { etag: entityTag(found.version) },
      };
    },
  });
}

async function actionsNow(
  { commands }: ApiServices,
  request: Parameters<ApiServices['commands']['actions']>[0],
): ReturnType<ApiServices['audit']['actions']> {
  const result = await commands.actions(request);
  return result.kind === 'not-found' ? undefined : { actions: result.actions, version: result.header.revision };
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
  const end = await logEndFrom(services, minPosition);
  const found = await services.audit.subscription({ tenant, subscriptionId }, { at, knownAt });
  return found && { ...found, asOfPosition: String(end) };
}
