/**
 * Questions to the whole log: a page reads a bounded stretch of it and says where the next one begins.
 *
 * @module
 */
import { z } from '@hono/zod-openapi';
import type { FoundPage } from '@perennial/audit';
import { subscriptionStatuses } from '@perennial/domain';
import { authorise } from '../../auth/access.ts';
import type { Caller } from '../../auth/caller.ts';
import { showEntries } from '../history-entries.ts';
import { operation, type AnyOperation } from '../operation.ts';
import { ProblemError } from '../problem.ts';
import { invalidInput } from '../register.ts';
import { dueSchema, foundEventsSchema, inStateSchema } from '../schemas/audit.ts';
import {
  instantInputSchema,
  positionSchema,
  readQuerySchema,
  subscriptionIdSchema,
  tenantSchema,
  timeQuerySchema,
  userIdSchema,
} from '../schemas/identifiers.ts';
import { last5Schema } from '../schemas/product-keys.ts';
import type { ApiServices } from '../services.ts';
import { logEndFrom } from './log-reads.ts';
import { operators } from './read-models.ts';

const read = { method: 'get', tag: 'Audit', status: 200 } as const;
const name = z.string().min(1).max(256);

const pageQuery = readQuerySchema.extend({
  after: positionSchema.optional().openapi({ description: '`next` of the page before' }),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

const boundedQuery = pageQuery.extend({
  from: instantInputSchema.optional().openapi({ description: 'Valid time, included' }),
  to: instantInputSchema.optional().openapi({ description: 'Valid time, not included' }),
  knownAt: timeQuerySchema.shape.knownAt,
});

/** Of one tenant for whoever may audit it, of all tenants for whoever may audit all. */
function authoriseFor(caller: Caller, tenant: string | undefined): void {
  const kind = tenant === undefined ? 'platform' : 'tenant';
  authorise(caller, { kind, roles: operators }, tenant);
}

function positionOf(after: string | undefined): bigint | undefined {
  return after === undefined ? undefined : BigInt(after);
}

async function shownPage(page: FoundPage, end: bigint, { vault }: ApiServices): Promise<object> {
  const shown = await showEntries(page.entries, vault);
  const next = page.next === null ? null : String(page.next);
  return { ...shown, next, undecodable: page.undecodable, asOfPosition: String(end) };
}

/** Histories that lie in several streams, and searches. */
export function auditLogOperations(services: ApiServices): readonly AnyOperation[] {
  return [
    userHistory(services),
    paymentHistory(services),
    keyHistory(services),
    find(services),
    inState(services),
    due(services),
  ];
}

function userHistory(services: ApiServices): AnyOperation {
  return operation({
    ...read,
    id: 'readUserHistory',
    path: '/v1/tenants/{tenant}/users/{user}/history',
    summary: 'Everything that a user did, and that was done about them, in a tenant',
    description: 'An erased user cannot be asked for by name any more: see `person` of /v1/audit/find.',
    access: { kind: 'tenant', roles: ['auditor', 'support', 'license-admin', 'user-admin'] },
    params: z.object({ tenant: tenantSchema, user: userIdSchema }),
    query: boundedQuery,
    response: foundEventsSchema,
    problems: ['NOT_FOUND', 'READ_MODEL_BEHIND'],
    handle: async ({ path: { tenant, user }, query: { minPosition, after, ...asked } }) => {
      const end = await logEndFrom(services, minPosition);
      const person = await services.vault.personIdIfKnown(tenant, user);
      if (person === undefined) {
        throw new ProblemError(
          'NOT_FOUND',
          'Nobody of that name is known, or any more: check the id; of an erased person only the person id is left (/v1/audit/find?person=).',
        );
      }
      const page = await services.audit.find({ ...asked, tenant, person, after: positionOf(after) });
      return { body: await shownPage(page, end, services) };
    },
  });
}

function paymentHistory(services: ApiServices): AnyOperation {
  return operation({
    ...read,
    id: 'readPaymentHistory',
    path: '/v1/payments/{provider}/{object}/history',
    summary: 'Everything about a payment: how it arrived, waited and was applied, and what it did',
    description:
      'A payment that named its subscription has no stream of its own: `subscription`, where it is known, spares searching all of them.',
    access: { kind: 'platform', roles: operators },
    params: z.object({ provider: name.openapi({ example: 'stripe' }), object: name.openapi({ example: 'in_1' }) }),
    query: boundedQuery.extend({
      subscription: z
        .string()
        .regex(/^[^/]+\/[^/]+$/, '<tenant>/<subscription>')
        .transform((ref) => {
          const [tenant = '', subscriptionId = ''] = ref.split('/');
          return { tenant, subscriptionId };
        })
        .pipe(z.object({ tenant: tenantSchema, subscriptionId: subscriptionIdSchema }))
        .optional()
        .openapi({ type: 'string', example: 'acme/office-1' }),
    }),
    response: foundEventsSchema,
    problems: ['READ_MODEL_BEHIND'],
    handle: async ({ path, query: { minPosition, after, ...asked } }) => {
      const end = await logEndFrom(services, minPosition);
      const page = await services.audit.paymentHistory({ ...path, ...asked, after: positionOf(after) });
      return { body: await shownPage(page, end, services) };
    },
  });
}

function keyHistory(services: ApiServices): AnyOperation {
  return operation({
    ...read,
    id: 'readProductKeyHistory',
    path: '/v1/product-keys/{last5}/history',
    summary: 'The life of product keys, by their last five characters, and what each did to its subscription',
    access: { kind: 'platform', roles: operators },
    params: z.object({ last5: last5Schema }),
    query: readQuerySchema.extend({ knownAt: timeQuerySchema.shape.knownAt }),
    response: foundEventsSchema,
    problems: ['NOT_FOUND', 'READ_MODEL_BEHIND', 'NOT_IMPLEMENTED_YET'],
    handle: async ({ path: { last5 }, query: { minPosition, knownAt } }) => {
      if (services.productKeys === undefined) {
        throw new ProblemError('NOT_IMPLEMENTED_YET', 'This server has no product keys.');
      }
      const end = await logEndFrom(services, minPosition);
      // Which keys end so is looked up; what happened to them is read from the log.
      const { keys } = await services.productKeys.find(last5, { minPosition });
      if (keys.length === 0) throw new ProblemError('NOT_FOUND', `No product key ends in ${last5}: check it.`);
      const entries = await services.audit.keyHistory({ keyIds: keys.map(({ keyId }) => keyId), knownAt });
      return { body: await shownPage({ entries, next: null, undecodable: 0 }, end, services) };
    },
  });
}

const criteria = {
  payment: name.optional().openapi({ description: 'Object, payment or event of a provider, also as <provider>/<id>' }),
  invoice: name.optional(),
  charge: name.optional(),
  key: name.optional().openapi({ description: 'Product key: its id, or its last five characters' }),
  user: userIdSchema.optional().openapi({ description: 'Who did it, or whom it is about; with `tenant`' }),
  person: name.optional().openapi({ description: 'The same by person id, also of an erased person' }),
  actor: name
    .optional()
    .openapi({ description: 'Who did it: user:alice, system:timers, provider:stripe', example: 'user:alice' }),
  commandId: name.optional(),
  correlationId: name.optional(),
  eventId: z.uuid().optional(),
  type: name.optional().openapi({ example: 'SubscriptionRenewed' }),
};

function find(services: ApiServices): AnyOperation {
  return operation({
    ...read,
    id: 'findEvents',
    path: '/v1/audit/find',
    summary: 'Events by payment, charge, invoice, key, user, actor, command or id, anywhere in the log',
    description:
      'All criteria that are given must fit. With `tenant` only the streams of that tenant are looked into; without it a token for every tenant is needed.',
    access: { kind: 'known' },
    query: boundedQuery.extend(criteria).extend({ tenant: tenantSchema.optional() }),
    response: foundEventsSchema,
    problems: ['READ_MODEL_BEHIND'],
    handle: async ({ query: { minPosition, after, user, actor, ...asked }, caller }) => {
      authoriseFor(caller, asked.tenant);
      const wanted = Object.keys(criteria).filter((criterion) => criterion in asked || { user, actor }[criterion]);
      if (wanted.length === 0) throw missing('', `Name at least one of ${Object.keys(criteria).join(', ')}`);
      const end = await logEndFrom(services, minPosition);
      const person = user === undefined ? asked.person : await personIn(services, asked.tenant, user);
      const by = actor === undefined ? undefined : await actorNamed(services, asked.tenant, actor);
      const page = await services.audit.find({ ...asked, person, actor: by, after: positionOf(after) });
      return { body: await shownPage(page, end, services) };
    },
  });
}

async function personIn({ vault }: ApiServices, tenant: string | undefined, user: string): Promise<string> {
  if (tenant === undefined) throw missing('tenant', 'Users belong to a tenant: name it');
  const personId = await vault.personIdIfKnown(tenant, user);
  if (personId !== undefined) return personId;
  throw new ProblemError(
    'NOT_FOUND',
    'Nobody of that name is known, or any more: ask with `person` for an erased one.',
  );
}

// Starts with a character that no tenant may have: those who act on the whole platform.
const platformTenant = '_platform';

/** People are named by user id; a name that is nobody's may be a person id, or a part of a system. */
async function actorNamed({ vault }: ApiServices, tenant: string | undefined, actor: string): Promise<string> {
  const colon = actor.indexOf(':');
  const [type, id] = colon < 0 ? ['user', actor] : [actor.slice(0, colon), actor.slice(colon + 1)];
  const personId = await vault.personIdIfKnown(tenant ?? platformTenant, id);
  return `${type}:${personId ?? id}`;
}

function missing(path: string, message: string): ProblemError {
  return invalidInput([{ in: 'query', path, code: 'missing', message }]);
}

function inState(services: ApiServices): AnyOperation {
  return operation({
    ...read,
    id: 'listInState',
    path: '/v1/audit/in-state',
    summary: 'All subscriptions in a state at an instant, of one tenant or of all',
    description: 'In the order of their creation, from the log alone.',
    access: { kind: 'known' },
    query: pageQuery
      .extend(timeQuerySchema.shape)
      .extend({ status: z.enum(subscriptionStatuses), tenant: tenantSchema.optional() }),
    response: inStateSchema,
    problems: ['READ_MODEL_BEHIND'],
    handle: async ({ query: { minPosition, after, at, knownAt, ...asked }, caller }) => {
      authoriseFor(caller, asked.tenant);
      const end = await logEndFrom(services, minPosition);
      const page = await services.audit.inState({ ...asked, after: positionOf(after) }, { at, knownAt });
      return { body: rowPage('subscriptions', page, end) };
    },
  });
}

function due(services: ApiServices): AnyOperation {
  return operation({
    ...read,
    id: 'listDue',
    path: '/v1/audit/due',
    summary: 'Every automatic transition in [from, to), if nothing else happens',
    description: 'Of the subscriptions as they stand at `at` (default now), as known at `knownAt`.',
    access: { kind: 'known' },
    query: pageQuery
      .extend(timeQuerySchema.shape)
      .extend({ from: instantInputSchema, to: instantInputSchema, tenant: tenantSchema.optional() }),
    response: dueSchema,
    problems: ['READ_MODEL_BEHIND'],
    handle: async ({ query: { minPosition, after, at, knownAt, ...asked }, caller }) => {
      authoriseFor(caller, asked.tenant);
      const end = await logEndFrom(services, minPosition);
      const page = await services.audit.due({ ...asked, after: positionOf(after) }, { at, knownAt });
      return { body: rowPage('due', page, end) };
    },
  });
}

function rowPage(
  rows: string,
  page: { readonly rows: readonly object[]; readonly next: bigint | null; readonly undecodable: number },
  end: bigint,
): object {
  return {
    [rows]: page.rows,
    next: page.next === null ? null : String(page.next),
    undecodable: page.undecodable,
    asOfPosition: String(end),
  };
}
