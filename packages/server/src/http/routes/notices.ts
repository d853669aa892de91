import { z } from '@hono/zod-openapi';
import { noticeStatuses, type NoticeReport } from '@perennial/domain';
import type { Caller } from '../../auth/caller.ts';
import { refuseCardNumbers } from '../card-number.ts';
import { operation, type AnyOperation, type Answer } from '../operation.ts';
import { actorOf } from '../people.ts';
import { ProblemError } from '../problem.ts';
import { commandHeadersSchema, requestIds } from '../request-ids.ts';
import {
  instantInputSchema,
  pageQuerySchema,
  readQuerySchema,
  subscriptionIdSchema,
  tenantSchema,
} from '../schemas/identifiers.ts';
import {
  deadlinesSchema,
  noticeFailedSchema,
  noticeIdSchema,
  noticeReportedSchema,
  noticeSentSchema,
  noticesSchema,
  upcomingSchema,
} from '../schemas/notices.ts';
import type { ApiServices } from '../services.ts';

const tag = 'Notices';
const read = { method: 'get', tag, status: 200, access: { kind: 'tenant' }, problems: ['READ_MODEL_BEHIND'] } as const;
const ofTenant = z.object({ tenant: tenantSchema });
const ofSubscription = z.object({ tenant: tenantSchema, id: subscriptionIdSchema });
const ofNotice = ofSubscription.extend({ noticeId: noticeIdSchema });
const statusQuery = readQuerySchema.extend({
  ...pageQuerySchema.shape,
  status: z.enum(noticeStatuses).optional(),
});
const bodyRules = { bytesMax: 4_096, mediaTypes: ['application/json'], inspect: refuseCardNumbers } as const;

/** What people are told, and what will happen by itself (`domain.md 6.7`, notices and upcoming). */
export function noticeOperations(services: ApiServices): readonly AnyOperation[] {
  return [...noticeReads(services), ...upcomingReads(services), sentOperation(services), failedOperation(services)];
}

function noticeReads({ queries }: ApiServices): readonly AnyOperation[] {
  return [
    operation({
      ...read,
      id: 'listNotices',
      path: '/v1/tenants/{tenant}/notices',
      summary: 'What people of a tenant are told, in the order in which it was due',
      params: ofTenant,
      query: statusQuery,
      response: noticesSchema,
      handle: async ({ path, query }) => ({ body: await queries.notices(path.tenant, query) }),
    }),
    operation({
      ...read,
      id: 'listSubscriptionNotices',
      path: '/v1/tenants/{tenant}/subscriptions/{id}/notices',
      summary: 'The notices about one subscription',
      params: ofSubscription,
      query: statusQuery,
      response: noticesSchema,
      handle: async ({ path, query }) => ({
        body: await queries.notices(path.tenant, { ...query, subscriptionId: path.id }),
      }),
    }),
  ];
}

function upcomingReads({ queries }: ApiServices): readonly AnyOperation[] {
  return [
    operation({
      ...read,
      id: 'listDeadlines',
      path: '/v1/tenants/{tenant}/upcoming',
      summary: 'The next automatic transition of each subscription, where it falls into [from, to)',
      params: ofTenant,
      query: readQuerySchema.extend({
        ...pageQuerySchema.shape,
        from: instantInputSchema.optional(),
        to: instantInputSchema.optional(),
      }),
      response: deadlinesSchema,
      handle: async ({ path, query }) => ({ body: await queries.upcoming(path.tenant, query) }),
    }),
    operation({
      ...read,
      id: 'showUpcoming',
      path: '/v1/tenants/{tenant}/subscriptions/{id}/upcoming',
      summary: 'Every automatic transition ahead, if nothing else happens',
      params: ofSubscription,
      query: readQuerySchema,
      response: upcomingSchema,
      problems: ['NOT_FOUND', 'READ_MODEL_BEHIND'],
      handle: async ({ path, query }) => {
        const upcoming = await queries.upcomingOf(path.tenant, path.id, query);
        if (upcoming === undefined) {
          throw new ProblemError('NOT_FOUND', `${path.tenant} has no subscription "${path.id}". Check the id.`);
        }
        return { body: upcoming };
      },
    }),
  ];
}

const report = {
  method: 'post',
  tag,
  access: { kind: 'tenant', roles: ['support'] },
  params: ofNotice,
  headers: commandHeadersSchema,
  status: 200,
  response: noticeReportedSchema,
  problems: ['CARD_NUMBER_REJECTED', 'NOT_FOUND', 'NOT_IMPLEMENTED_YET'],
} as const;

function sentOperation(services: ApiServices): AnyOperation {
  return operation({
    ...report,
    id: 'reportNoticeSent',
    path: '/v1/tenants/{tenant}/subscriptions/{id}/notices/{noticeId}/sent',
    summary: 'A notice was sent',
    description:
      'For whoever sends notices. Repeating it changes nothing. Recorded also when it was withdrawn meanwhile.',
    body: { ...bodyRules, schema: noticeSentSchema, example: { reference: 'msg-2027-05-25-1' } },
    handle: ({ path, header, body, caller }) =>
      reported(services, { path, header, caller, report: { outcome: 'sent', ...body } }),
  });
}

function failedOperation(services: ApiServices): AnyOperation {
  return operation({
    ...report,
    id: 'reportNoticeFailed',
    path: '/v1/tenants/{tenant}/subscriptions/{id}/notices/{noticeId}/failed',
    summary: 'A notice could not be sent',
    description: 'It is queued again later, five times in all and within its time, unless `final`.',
    body: { ...bodyRules, schema: noticeFailedSchema, example: { failure: 'MAILBOX_FULL' } },
    handle: ({ path, header, body, caller }) =>
      reported(services, { path, header, caller, report: { outcome: 'failed', ...body } }),
  });
}

type Reported = {
  readonly path: z.output<typeof ofNotice>;
  readonly header: z.output<typeof commandHeadersSchema>;
  readonly caller: Caller;
  readonly report: NoticeReport;
};

async function reported(services: ApiServices, { path, header, caller, report: said }: Reported): Promise<Answer> {
  const { tenant, id: subscriptionId, noticeId } = path;
  if (services.notices === undefined) {
    throw new ProblemError('NOT_IMPLEMENTED_YET', 'Notices are not available on this server.');
  }
  const actor = await actorOf(services.vault, caller, tenant, 'make');
  const cause = { ...requestIds(header), actor, roles: caller.roles };
  const result = await services.notices.report({ tenant, subscriptionId, noticeId, report: said, cause });
  if (result.kind === 'not-found') {
    throw new ProblemError('NOT_FOUND', `${tenant}/${subscriptionId} has no notice "${noticeId}". Check the ids.`);
  }
  const { kind, status, position } = result;
  return { body: { noticeId, status, recorded: kind === 'recorded', position: String(position ?? 0n) } };
}
