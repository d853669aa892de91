/**
 * Notices and what is upcoming, as HTTP takes and answers them.
 *
 * @module
 */
import { z } from '@hono/zod-openapi';
import { noticeKinds, noticeLanguages, noticeStatuses, subscriptionStatuses } from '@perennial/domain';
import { instantOutputSchema, positionSchema, subscriptionIdSchema, tenantSchema } from './identifiers.ts';

const asOf = { asOfPosition: positionSchema.openapi({ description: 'What the answer has seen' }) };
const nextPage = { next: z.string().optional().openapi({ description: 'There is more: pass it as `after`' }) };
const instantOrNull = instantOutputSchema.nullable();

/** The id of a notice: unique within its subscription, the same for the same deadline. */
export const noticeIdSchema = z
  .string()
  .min(1)
  .max(600)
  .regex(/^[A-Za-z0-9=-]+$/, 'an id as a notice has it')
  .openapi({ example: 'term-end-20270601T000000000Z-P7D' });

/** A notice. */
export const noticeSchema = z
  .object({
    tenant: tenantSchema,
    subscriptionId: subscriptionIdSchema,
    noticeId: noticeIdSchema,
    kind: z.enum(noticeKinds),
    status: z.enum(noticeStatuses),
    deadline: z
      .object({ kind: z.string(), at: instantOutputSchema })
      .nullable()
      .openapi({ description: 'What it warns of; null for news' }),
    dueAt: instantOutputSchema,
    sendBy: instantOutputSchema.openapi({ description: 'Not to be sent from then on' }),
    attempt: z.int(),
    language: z.enum(noticeLanguages),
    text: z.object({ subject: z.string(), body: z.string() }),
    recipients: z.array(z.string()).openapi({ description: 'Roles; addresses are the sender’s' }),
    endedAt: instantOrNull,
    retryAt: instantOrNull,
    failure: z.string().nullable(),
    reference: z.string().nullable(),
  })
  .openapi('Notice');

const noticeExample = {
  tenant: 'acme',
  subscriptionId: 'office-1',
  noticeId: 'term-end-20270601T000000000Z-P7D',
  kind: 'term_ending' as const,
  status: 'queued' as const,
  deadline: { kind: 'term-end', at: '2027-06-01T00:00:00.000Z' },
  dueAt: '2027-05-25T00:00:00.000Z',
  sendBy: '2027-05-29T00:00:00.000Z',
  attempt: 1,
  language: 'nl' as const,
  text: { subject: 'Abonnement office-1 eindigt op 1 juni 2027', body: 'Er wordt niets afgeschreven …' },
  recipients: ['global-admin', 'billing-admin'],
  endedAt: null,
  retryAt: null,
  failure: null,
  reference: null,
};

/** Notices, in the order in which they were due. */
export const noticesSchema = z
  .object({ notices: z.array(noticeSchema), ...nextPage, ...asOf })
  .openapi('Notices', { example: { notices: [noticeExample], asOfPosition: '48123' } });

/** What a sender says when it has sent a notice. */
export const noticeSentSchema = z
  .object({
    reference: z
      .string()
      .regex(/^[A-Za-z0-9._:=/+-]{1,128}$/, "the sender's own id of the message, never an address")
      .optional(),
  })
  .openapi('NoticeSent');

/** What a sender says when it could not. */
export const noticeFailedSchema = z
  .object({
    failure: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'a code in capitals, for instance MAILBOX_FULL'),
    attempt: z.int().positive().optional().openapi({ description: 'Which attempt; default: the one that is queued' }),
    final: z.boolean().optional().openapi({ description: 'Trying again is of no use' }),
  })
  .openapi('NoticeFailed');

/** How a report ended. */
export const noticeReportedSchema = z
  .object({
    noticeId: noticeIdSchema,
    status: z.enum(noticeStatuses),
    recorded: z.boolean().openapi({ description: 'False for a repetition, and for what comes too late to matter' }),
    position: positionSchema,
  })
  .openapi('NoticeReported', {
    example: { noticeId: noticeExample.noticeId, status: 'sent', recorded: true, position: '48130' },
  });

const statusSchema = z.enum(subscriptionStatuses);

/** Every automatic transition ahead of a subscription. */
export const upcomingSchema = z
  .object({
    upcoming: z.array(z.object({ kind: z.string(), at: instantOutputSchema, from: statusSchema, to: statusSchema })),
    ...asOf,
  })
  .openapi('Upcoming', {
    example: {
      upcoming: [
        { kind: 'term-end', at: '2027-06-01T00:00:00.000Z', from: 'active', to: 'expired' },
        { kind: 'grace-end', at: '2027-07-01T00:00:00.000Z', from: 'expired', to: 'disabled' },
        { kind: 'retention-end', at: '2027-09-29T00:00:00.000Z', from: 'disabled', to: 'deleted' },
      ],
      asOfPosition: '48123',
    },
  });

/** The next automatic transition of each subscription of a tenant. */
export const deadlinesSchema = z
  .object({
    deadlines: z.array(z.object({ subscriptionId: subscriptionIdSchema, kind: z.string(), at: instantOutputSchema })),
    ...nextPage,
    ...asOf,
  })
  .openapi('Deadlines', {
    example: {
      deadlines: [{ subscriptionId: 'office-1', kind: 'term-end', at: '2027-06-01T00:00:00.000Z' }],
      asOfPosition: '48123',
    },
  });
