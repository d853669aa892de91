import { z } from '@hono/zod-openapi';
import { whySentences, type SubscriptionDiff, type Why, type WhyStep } from '@perennial/audit';
import { becauseWith, peopleIn, personIn, refWith } from '../history-entries.ts';
import { operation, type AnyOperation } from '../operation.ts';
import { diffSchema, policySchema, whySchema } from '../schemas/audit.ts';
import {
  instantInputSchema,
  readQuerySchema,
  subscriptionIdSchema,
  tenantSchema,
  timeQuerySchema,
  userIdSchema,
} from '../schemas/identifiers.ts';
import type { ApiServices } from '../services.ts';
import { notFound } from './commands.ts';
import { logEndFrom } from './log-reads.ts';

const one = z.object({ tenant: tenantSchema, subscriptionId: subscriptionIdSchema });
const read = { method: 'get', tag: 'Audit', status: 200 } as const;

/** Questions about one subscription or one user at any instant. */
export function auditOperations(services: ApiServices): readonly AnyOperation[] {
  return [diffOperation(services), policyOperation(services), whyOperation(services)];
}

function diffOperation(services: ApiServices): AnyOperation {
  const instant = (what: string) => instantInputSchema.optional().openapi({ description: what });
  return operation({
    ...read,
    id: 'diffSubscription',
    path: '/v1/tenants/{tenant}/subscriptions/{subscriptionId}/diff',
    summary: 'What differs between two instants, on either axis, and the events that made it differ',
    description: 'Instants that are left out mean now, and all that is recorded.',
    access: { kind: 'tenant' },
    params: one,
    query: readQuerySchema.extend({
      fromAt: instant('Valid time of the one side'),
      fromKnownAt: instant('System time of the one side'),
      toAt: instant('Valid time of the other side'),
      toKnownAt: instant('System time of the other side'),
    }),
    response: diffSchema,
    problems: ['NOT_FOUND', 'READ_MODEL_BEHIND'],
    handle: async ({ path, query: { minPosition, fromAt, fromKnownAt, toAt, toKnownAt } }) => {
      const end = await logEndFrom(services, minPosition);
      const diff = await services.audit.diff(path, {
        from: { at: fromAt, knownAt: fromKnownAt },
        to: { at: toAt, knownAt: toKnownAt },
      });
      if (diff === undefined) throw notFound(path.tenant, path.subscriptionId);
      return { body: { ...(await shownDiff(diff, services)), asOfPosition: String(end) } };
    },
  });
}

async function shownDiff(diff: SubscriptionDiff, { vault }: ApiServices): Promise<object> {
  const { changes, added, removed, people } = diff;
  const refs = [...added, ...removed];
  const ids = [...refs.flatMap(({ actor }) => personIn(actor)), ...people.gained, ...people.lost];
  const users = await vault.userIdsOf(new Set(ids));
  return {
    ...diff,
    changes: changes.map((change) => ({ ...change, events: change.events.map((event) => refWith(event, users)) })),
    added: added.map((event) => refWith(event, users)),
    removed: removed.map((event) => refWith(event, users)),
    people: { ...people, users: Object.fromEntries(users) },
  };
}

function policyOperation(services: ApiServices): AnyOperation {
  return operation({
    ...read,
    id: 'showPolicy',
    path: '/v1/tenants/{tenant}/subscriptions/{subscriptionId}/policy',
    summary: 'The policy profile and catalogue in force',
    access: { kind: 'tenant' },
    params: one,
    query: readQuerySchema.extend(timeQuerySchema.shape),
    response: policySchema,
    problems: ['NOT_FOUND', 'READ_MODEL_BEHIND'],
    handle: async ({ path, query: { minPosition, ...when } }) => {
      const end = await logEndFrom(services, minPosition);
      const policy = await services.audit.policy(path, when);
      if (policy === undefined) throw notFound(path.tenant, path.subscriptionId);
      const users = await services.vault.userIdsOf(policy.since === null ? [] : personIn(policy.since.actor));
      const since = policy.since && refWith(policy.since, users);
      return { body: { ...policy, since, asOfPosition: String(end) } };
    },
  });
}

function whyOperation(services: ApiServices): AnyOperation {
  return operation({
    ...read,
    id: 'explainApp',
    path: '/v1/tenants/{tenant}/users/{user}/apps/{appId}/why',
    summary: 'Why a user has, or has not, an app: the chain of events that explains it, and the same in words',
    access: { kind: 'tenant' },
    params: z.object({
      tenant: tenantSchema,
      user: userIdSchema,
      appId: z.string().min(1).max(128).openapi({ example: 'word' }),
    }),
    query: readQuerySchema.extend(timeQuerySchema.shape),
    response: whySchema,
    problems: ['READ_MODEL_BEHIND'],
    handle: async ({ path: { tenant, user, appId }, query: { minPosition, ...when } }) => {
      const end = await logEndFrom(services, minPosition);
      // Of a user whom nobody knows, or knows any more, nothing is found: no licence was ever given.
      const personId = (await services.vault.personIdIfKnown(tenant, user)) ?? '';
      const why = await services.audit.why({ tenant, personId, appId }, when);
      return { body: { ...(await shownWhy(why, user, services)), asOfPosition: String(end) } };
    },
  });
}

async function shownWhy(why: Why, user: string, { vault }: ApiServices): Promise<object> {
  const chains = why.subscriptions.flatMap(({ chain }) => chain);
  const users = await vault.userIdsOf(new Set(chains.flatMap(peopleOf)));
  const shown = (chain: readonly WhyStep[]) => chain.map((step) => stepWith(step, users));
  const { app, when, access, subscriptionId, chain, subscriptions } = why;
  return {
    app,
    at: when.at,
    knownAt: when.knownAt ?? null,
    access,
    subscriptionId,
    chain: shown(chain),
    sentences: whySentences(why, { nameOf: (id) => (id === why.personId ? user : users.get(id)) }),
    subscriptions: subscriptions.map((reason) => ({ ...reason, chain: shown(reason.chain) })),
    people: Object.fromEntries(users),
  };
}

function peopleOf(step: WhyStep): readonly string[] {
  if (step.kind === 'never-assigned') return [];
  return [...(step.event === null ? [] : personIn(step.event.actor)), ...step.because.flatMap(peopleIn)];
}

function stepWith(step: WhyStep, users: ReadonlyMap<string, string>): object {
  if (step.kind === 'never-assigned') return step;
  return {
    ...step,
    event: step.event && refWith(step.event, users),
    because: step.because.map((cause) => becauseWith(cause, users)),
  };
}
