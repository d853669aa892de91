import { z } from '@hono/zod-openapi';
import { reasonMessages } from '@perennial/domain';
import type { AppRow } from '@perennial/projections';
import { operation, type AnyOperation } from '../operation.ts';
import { ProblemError } from '../problem.ts';
import {
  asksForAnotherTime,
  pageQuerySchema,
  readQuerySchema,
  tenantSchema,
  timeQuerySchema,
  userIdSchema,
} from '../schemas/identifiers.ts';
import {
  appsSchema,
  inboxSchema,
  licensesSchema,
  planSchema,
  plansSchema,
  userLicensesSchema,
} from '../schemas/views.ts';
import { inboxStatuses, type ApiServices } from '../services.ts';
import { logEndFrom } from './log-reads.ts';

const ofTenant = z.object({ tenant: tenantSchema });
const ofUser = z.object({ tenant: tenantSchema, user: userIdSchema });
const read = {
  method: 'get',
  status: 200,
  query: readQuerySchema,
  problems: ['READ_MODEL_BEHIND'],
} as const;

const readThenQuery = readQuerySchema.extend(timeQuerySchema.shape);

const appsQuery = readThenQuery.extend({
  signedInAs: userIdSchema.optional().openapi({
    description: 'The account that the apps show under File > Account, to be told when it is the wrong one',
  }),
});

/** Who may look at what concerns every tenant. */
export const operators = ['support', 'auditor'] as const;

/** Licences, apps, the payment inbox and the catalogue. */
export function readModelOperations(services: ApiServices): readonly AnyOperation[] {
  const { queries } = services;
  return [
    operation({
      ...read,
      id: 'listLicenses',
      path: '/v1/tenants/{tenant}/licenses',
      tag: 'Licences',
      summary: 'Seats of a tenant, one row per plan',
      access: { kind: 'tenant' },
      query: readThenQuery,
      params: ofTenant,
      response: licensesSchema,
      handle: async ({ path, query }) => ({ body: await licensesOf(services, path.tenant, query) }),
    }),
    operation({
      ...read,
      id: 'listUserLicenses',
      path: '/v1/tenants/{tenant}/users/{user}/licenses',
      tag: 'Licences',
      summary: 'The licences of a user',
      access: { kind: 'tenant' },
      query: readThenQuery,
      params: ofUser,
      response: userLicensesSchema,
      handle: async ({ path, query }) => ({ body: await userLicensesOf(services, path, query) }),
    }),
    operation({
      ...read,
      id: 'listApps',
      path: '/v1/tenants/{tenant}/users/{user}/apps',
      tag: 'Licences',
      summary: 'The apps of a user, and why (My account)',
      query: appsQuery,
      access: { kind: 'tenant' },
      params: ofUser,
      response: appsSchema,
      handle: async ({ path, query: { signedInAs, ...options } }) => {
        const answer = await appsOf(services, path, options);
        const isStranger = signedInAs !== undefined && signedInAs.replace(/^user:/, '') !== path.user;
        return { body: { ...answer, apps: answer.apps.map((app) => withAccountHint(app, isStranger)) } };
      },
    }),
    operation({
      ...read,
      id: 'listPaymentInbox',
      path: '/v1/payments/inbox',
      tag: 'Payments',
      summary: 'Payments that are not simply applied: parked, matched, quarantined, duplicate, refund due',
      access: { kind: 'platform', roles: operators },
      query: readQuerySchema.extend(pageQuerySchema.shape).extend({ status: z.enum(inboxStatuses).optional() }),
      response: inboxSchema,
      handle: async ({ query }) => ({ body: await queries.paymentInbox(query) }),
    }),
    ...catalogueOperations(queries),
  ];
}

type Then = {
  readonly at?: string | undefined;
  readonly knownAt?: string | undefined;
  readonly minPosition?: string | undefined;
};
type UserPath = { readonly tenant: string; readonly user: string };

async function licensesOf(services: ApiServices, tenant: string, { minPosition, ...when }: Then) {
  if (!asksForAnotherTime(when)) return services.queries.licenses(tenant, { minPosition });
  const end = await logEndFrom(services, minPosition);
  return { licenses: await services.audit.licenses(tenant, when), asOfPosition: String(end) };
}

async function userLicensesOf(services: ApiServices, { tenant, user }: UserPath, { minPosition, ...when }: Then) {
  if (!asksForAnotherTime(when)) return services.queries.userLicenses(tenant, user, { minPosition });
  const end = await logEndFrom(services, minPosition);
  const personId = await services.vault.personIdIfKnown(tenant, user);
  // Nobody knows an erased user's id any more: nothing can be said of them.
  const licenses = personId === undefined ? [] : await services.audit.userLicenses({ tenant, personId }, when);
  return { licenses, asOfPosition: String(end) };
}

async function appsOf(services: ApiServices, { tenant, user }: UserPath, { minPosition, ...when }: Then) {
  if (!asksForAnotherTime(when)) return services.queries.apps(tenant, user, { minPosition });
  const end = await logEndFrom(services, minPosition);
  const personId = await services.vault.personIdIfKnown(tenant, user);
  const found =
    personId === undefined ? { apps: [], devices: [] } : await services.audit.apps({ tenant, personId }, when);
  return { ...found, asOfPosition: String(end) };
}

/** An installed app that is signed in with another account is not activated by this licence (`domain.md 1.9`). */
function withAccountHint(app: AppRow, isStranger: boolean) {
  const concerned = isStranger && app.kind === 'desktop' && app.access !== 'none';
  return { ...app, wrongAccountHint: concerned ? reasonMessages.WRONG_ACCOUNT.remedies[0].text : null };
}

function catalogueOperations(queries: ApiServices['queries']): readonly AnyOperation[] {
  return [
    operation({
      ...read,
      id: 'listPlans',
      path: '/v1/catalogue/plans',
      tag: 'Catalogue',
      summary: 'All plans and their apps',
      access: { kind: 'known' },
      response: plansSchema,
      handle: async ({ query }) => ({ body: await queries.plans(query) }),
    }),
    operation({
      ...read,
      id: 'showPlan',
      path: '/v1/catalogue/plans/{planId}',
      tag: 'Catalogue',
      summary: 'One plan and its apps',
      access: { kind: 'known' },
      params: z.object({ planId: z.string().min(1).max(128).openapi({ example: 'SPE_E3' }) }),
      response: planSchema,
      problems: ['NOT_FOUND', 'READ_MODEL_BEHIND'],
      handle: async ({ path, query }) => {
        const plan = await queries.plan(path.planId, query);
        if (plan === undefined) {
          throw new ProblemError('NOT_FOUND', `The catalogue has no plan "${path.planId}": see /v1/catalogue/plans.`);
        }
        return { body: plan };
      },
    }),
  ];
}
