/**
 * Answers of the reads (`contract.md`, Response shapes). They are the least a client may rely on; an answer may have
 * more fields.
 *
 * @module
 */
import { z } from '@hono/zod-openapi';
import { deviceKinds, disableReasons, licenseSources, subscriptionStatuses } from '@perennial/domain';
import { instantOutputSchema, positionSchema, subscriptionIdSchema, tenantSchema } from './identifiers.ts';

const asOf = { asOfPosition: positionSchema.openapi({ description: 'What the answer has seen' }) };
const nextPage = { next: z.string().optional().openapi({ description: 'There is more: pass it as `after`' }) };
const instantOrNull = instantOutputSchema.nullable();
const statusSchema = z.enum(subscriptionStatuses);

const subscriptionFields = {
  tenant: tenantSchema,
  subscriptionId: subscriptionIdSchema,
  planId: z.string(),
  status: statusSchema,
  displayStatus: z.string().openapi({ description: 'The status in the words of the admin centre' }),
  seats: z.object({ purchased: z.int(), assigned: z.int() }),
  termStart: instantOrNull,
  termEnd: instantOrNull,
  nextBilling: instantOrNull.openapi({ description: '`termEnd` while a term exists' }),
  deadline: z
    .object({ kind: z.string(), at: instantOutputSchema })
    .nullable()
    .openapi({ description: 'The next automatic transition' }),
  recurringBilling: z.boolean(),
  disabledReasons: z.array(z.enum(disableReasons)),
  holds: z.array(z.object({ kind: z.enum(['pause', 'suspend']), from: instantOutputSchema, until: instantOrNull })),
  pastDue: z
    .object({
      since: instantOutputSchema,
      dunningEndsAt: instantOutputSchema,
      attempt: z.int().nullable(),
      nextAttemptAt: instantOrNull,
    })
    .nullable(),
  trial: z.boolean(),
  version: z.int().openapi({ description: 'Revision of the last event; also the ETag' }),
};

const subscriptionExample = {
  tenant: 'acme',
  subscriptionId: 'office-1',
  planId: 'SPE_E3',
  status: 'active' as const,
  displayStatus: 'Active',
  seats: { purchased: 25, assigned: 3 },
  termStart: '2027-06-01T00:00:00.000Z',
  termEnd: '2028-06-01T00:00:00.000Z',
  nextBilling: '2028-06-01T00:00:00.000Z',
  deadline: { kind: 'term-end', at: '2028-06-01T00:00:00.000Z' },
  recurringBilling: true,
  disabledReasons: [],
  holds: [],
  pastDue: null,
  trial: false,
  version: 4,
};

/** A subscription. */
export const subscriptionSchema = z
  .object({ ...subscriptionFields, ...asOf })
  .openapi('Subscription', { example: { ...subscriptionExample, asOfPosition: '48123' } });

/** *Your products*: the subscriptions of a tenant. */
export const subscriptionsSchema = z
  .object({ subscriptions: z.array(z.object(subscriptionFields)), ...nextPage, ...asOf })
  .openapi('Subscriptions', { example: { subscriptions: [subscriptionExample], asOfPosition: '48123' } });

/** The `licenses` read model, one row per plan (`domain.md 6.7`). */
export const licensesSchema = z
  .object({
    licenses: z.array(
      z.object({
        planId: z.string(),
        purchased: z.int(),
        enabled: z.int(),
        warning: z.int(),
        suspended: z.int(),
        lockedOut: z.int(),
        consumed: z.int(),
        available: z.int(),
        capabilityStatus: z.enum(['Enabled', 'Warning', 'Suspended', 'LockedOut', 'Deleted']),
        conflict: z
          .object({ excess: z.int(), deadline: instantOrNull })
          .nullable()
          .openapi({ description: 'More seats taken than there are' }),
        subscriptions: z.array(z.unknown()).openapi({ description: 'The subscriptions that the row adds up' }),
      }),
    ),
    ...asOf,
  })
  .openapi('Licenses', {
    example: {
      licenses: [
        {
          planId: 'SPE_E3',
          purchased: 25,
          enabled: 25,
          warning: 0,
          suspended: 0,
          lockedOut: 0,
          consumed: 3,
          available: 22,
          capabilityStatus: 'Enabled',
          conflict: null,
          subscriptions: ['office-1'],
        },
      ],
      asOfPosition: '48123',
    },
  });

/** The licences of a user. */
export const userLicensesSchema = z
  .object({
    licenses: z.array(
      z.object({
        planId: z.string(),
        subscriptionId: subscriptionIdSchema,
        state: z.string(),
        appsOff: z.array(z.string()),
        source: z.enum(licenseSources).openapi({ description: 'Given to the person, or to a group of the person' }),
        assignedAt: instantOutputSchema,
      }),
    ),
    ...asOf,
  })
  .openapi('UserLicenses', {
    example: {
      licenses: [
        {
          planId: 'SPE_E3',
          subscriptionId: 'office-1',
          state: 'Active',
          appsOff: ['yammer'],
          source: 'direct',
          assignedAt: '2027-06-02T09:30:00.000Z',
        },
      ],
      asOfPosition: '48123',
    },
  });

/** The *My account* page of a user (`domain.md 6.7`). */
export const appsSchema = z
  .object({
    apps: z.array(
      z.object({
        appId: z.string(),
        name: z.string(),
        access: z.enum(['full', 'reduced', 'none']),
        because: z.array(z.object({ subscriptionId: subscriptionIdSchema, status: statusSchema, reason: z.string() })),
        downloadable: z.boolean(),
        needsSignIn: z.boolean(),
        devices: z.object({ used: z.int(), limit: z.int() }),
        wrongAccountHint: z
          .object({ en: z.string(), nl: z.string() })
          .nullable()
          .openapi({ description: 'What to do when `signedInAs` is another account; null when it is the right one' }),
        changesAt: instantOrNull.openapi({ description: 'When the access changes by itself' }),
      }),
    ),
    devices: z
      .array(
        z.object({
          subscriptionId: subscriptionIdSchema,
          deviceId: z.string(),
          kind: z.enum(deviceKinds),
          activatedAt: instantOutputSchema,
          lastUsedAt: instantOutputSchema,
          worksOfflineUntil: instantOutputSchema.openapi({ description: 'Then reduced until it connects' }),
        }),
      )
      .openapi({ description: 'Where the user is signed in, the most recently used first' }),
    ...asOf,
  })
  .openapi('Apps', {
    example: {
      apps: [
        {
          appId: 'word',
          name: 'Word',
          access: 'full',
          because: [{ subscriptionId: 'office-1', status: 'active', reason: 'active' }],
          downloadable: true,
          needsSignIn: false,
          devices: { used: 1, limit: 15 },
          wrongAccountHint: null,
          changesAt: null,
        },
      ],
      devices: [
        {
          subscriptionId: 'office-1',
          deviceId: 'd6c1f7',
          kind: 'computer',
          activatedAt: '2027-06-02T09:30:00.000Z',
          lastUsedAt: '2027-06-20T07:00:00.000Z',
          worksOfflineUntil: '2027-07-20T07:00:00.000Z',
        },
      ],
      asOfPosition: '48123',
    },
  });

/** Payments that were received but are not (yet) a subscription's. */
export const inboxSchema = z
  .object({
    payments: z.array(
      z.object({
        providerEventId: z.string(),
        status: z.string(),
        reason: z.string().nullable(),
        receivedAt: instantOutputSchema,
        subscriptionRef: z.string().nullable(),
        matchedTo: z.string().optional(),
        waiting: z
          .object({
            alertAt: instantOutputSchema,
            giveUpAt: instantOutputSchema,
            attention: z.enum(['none', 'alert', 'given_up']),
          })
          .optional()
          .openapi({ description: 'Of a parked one: `alert` after an hour, `given_up` after thirty days' }),
      }),
    ),
    ...nextPage,
    ...asOf,
  })
  .openapi('PaymentInbox', {
    example: {
      payments: [
        {
          providerEventId: 'evt_1',
          status: 'parked',
          reason: 'PARKED_UNMATCHED',
          receivedAt: '2027-06-01T00:00:00.000Z',
          subscriptionRef: 'sub_unknown',
        },
      ],
      asOfPosition: '48123',
    },
  });

const planFields = {
  planId: z.string(),
  name: z.string(),
  apps: z.array(z.object({ appId: z.string(), name: z.string(), kind: z.enum(['desktop', 'service']) })),
  endOfSale: instantOutputSchema.optional(),
  maxSeats: z.int().optional(),
  family: z.string().optional(),
};
const planExample = {
  planId: 'SPE_E3',
  name: 'Microsoft 365 E3',
  apps: [{ appId: 'word', name: 'Word', kind: 'desktop' as const }],
};

/** A plan and its apps. */
export const planSchema = z
  .object({ ...planFields, ...asOf })
  .openapi('Plan', { example: { ...planExample, asOfPosition: '48123' } });

/** All plans. */
export const plansSchema = z
  .object({ plans: z.array(z.object(planFields)), ...asOf })
  .openapi('Plans', { example: { plans: [planExample], asOfPosition: '48123' } });

/** A message that could not be handled. */
export const parkedMessageSchema = z
  .object({
    id: z.int(),
    component: z.string(),
    parkedAt: instantOutputSchema,
    subject: z.string(),
    sequence: z.int(),
    lane: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string() }),
    attempts: z.int(),
    headers: z.record(z.string(), z.array(z.string())),
    payload: z
      .string()
      .optional()
      .openapi({ description: 'The raw bytes as UTF-8; only when one message is asked for' }),
  })
  .openapi('ParkedMessage', {
    example: {
      id: 17,
      component: 'intake',
      parkedAt: '2027-06-01T00:00:00.000Z',
      subject: 'billing.payments.v1.stripe',
      sequence: 311,
      lane: 'acme/office-1',
      error: { code: 'INVALID_CLOUDEVENT', message: 'data.amount is missing' },
      attempts: 1,
      headers: { 'Nats-Msg-Id': ['evt_1'] },
      payload: '{"specversion":"1.0"}',
    },
  });

/** What an imported catalogue holds. */
export const catalogueImportSchema = z
  .object({
    version: z.string(),
    planCount: z.int(),
    oddities: z.array(z.object({ line: z.int(), code: z.string(), message: z.string() })),
    position: positionSchema,
  })
  .openapi('CatalogueImport', {
    example: { version: '2', planCount: 532, oddities: [], position: '48130' },
  });
