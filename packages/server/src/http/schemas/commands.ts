/**
 * Bodies and answers of the commands (`contract.md`, Command bodies). They are the domain's own schemas; only users are
 * named by their user ids here, because the log never knows them by anything but a person id.
 *
 * @module
 */
import { z } from '@hono/zod-openapi';
import {
  seatCommandSchemas,
  subscriptionCommandSchemas,
  subscriptionStatuses,
  type SeatCommandName,
  type SubscriptionCommandName,
} from '@perennial/domain';
import { instantOutputSchema, positionSchema, subscriptionIdSchema, userIdSchema } from './identifiers.ts';

/** Every command of `domain.md 6.2` by its name in URLs. */
export const allCommandNames = [
  'activate',
  'reactivate',
  'support-reactivate',
  'cancel-now',
  'cancel-at-term-end',
  'undo-scheduled-cancel',
  'set-recurring-billing',
  'disable',
  'pause',
  'suspend',
  'resume',
  'change-plan',
  'add-seats',
  'remove-seats',
  'assign-license',
  'unassign-license',
  'move-license',
  'set-apps-for-assignment',
  'activate-device',
  'deactivate-device',
  'add-payment-method',
  'replace-payment-method',
  'update-payment-method',
  'pay-balance',
  'extend-trial',
  'convert-trial',
  'redeem-key',
  'export-data',
  'delete-now',
  'link-payment',
  'add-note',
  'correct-fact',
] as const;

const appsOff = subscriptionCommandSchemas['assign-license'].shape.appsOff;

// Redeeming a key names, inside the engine, a key that is reserved; over HTTP it takes the key (routes/product-keys.ts).
// A move is two commands inside the engine, one at each end.
const { 'redeem-key': _redeemKey, 'move-license': _moveLicense, ...openCommandSchemas } = subscriptionCommandSchemas;

/** Commands that HTTP hands on as they are. */
export type OpenCommandName = Exclude<SubscriptionCommandName, 'redeem-key' | 'move-license'>;

/** That it takes the place of another one is written inside the engine only. */
const createSchema = subscriptionCommandSchemas.create.omit({ reactivatedFrom: true });

/** Bodies as HTTP takes them, by command. */
export const commandBodySchemas = {
  ...openCommandSchemas,
  create: createSchema,
  'assign-license': z.object({ userId: userIdSchema, appsOff }),
  'unassign-license': z.object({ userId: userIdSchema }),
  // The generator of the OpenAPI document cannot follow a schema that contains itself: any JSON is any value.
  'correct-fact': subscriptionCommandSchemas['correct-fact'].extend({
    correction: z.record(z.string().max(128), z.unknown()).optional(),
  }),
} satisfies Record<OpenCommandName, z.ZodObject>;

/** Body of `move-license`: from the subscription of the path to another of the tenant. */
export const moveLicenseBodySchema = z.object({
  userId: userIdSchema,
  toSubscriptionId: subscriptionIdSchema,
  appsOff: appsOff.unwrap().optional().openapi({ description: 'Left out: the apps that are off now stay off' }),
});

/** Bodies of the commands on one person's seat. */
export const seatCommandBodySchemas = {
  'set-apps-for-assignment': seatCommandSchemas['set-apps-for-assignment']
    .omit({ personId: true })
    .extend({ userId: userIdSchema }),
  'activate-device': seatCommandSchemas['activate-device']
    .omit({ personId: true })
    .extend({ userId: userIdSchema, signedInAs: userIdSchema.optional() }),
  'deactivate-device': seatCommandSchemas['deactivate-device']
    .omit({ personId: true })
    .extend({ userId: userIdSchema }),
} satisfies Record<SeatCommandName, z.ZodObject>;

/** Body of POST subscriptions: a create whose id may be left to us. */
export const createBodySchema = createSchema.extend({
  subscriptionId: subscriptionIdSchema.optional(),
});

const method = { kind: 'card', token: 'pm_1', country: 'NL', brand: 'visa', last4: '4242', expires: '2029-12' };

/** One body per command that its schema accepts, for the documentation. */
export const commandExamples: Readonly<
  Record<OpenCommandName | SeatCommandName | 'move-license', Readonly<Record<string, unknown>>>
> = {
  create: {
    subscriptionId: 'office-1',
    planId: 'SPE_E3',
    seats: 25,
    term: 'P1Y',
    zone: 'Europe/Amsterdam',
    price: { minor: 3600, currency: 'EUR' },
    providerRefs: { stripe: { subscription: 'sub_1', customer: 'cus_1' } },
  },
  activate: {},
  reactivate: { paymentMethod: method },
  'cancel-now': { reason: 'no longer needed' },
  'cancel-at-term-end': {},
  'undo-scheduled-cancel': {},
  'set-recurring-billing': { on: false },
  disable: { reason: 'fraud' },
  'add-payment-method': { paymentMethod: method },
  'replace-payment-method': { paymentMethod: method },
  'assign-license': { userId: 'alice@acme.example', appsOff: ['yammer'] },
  'unassign-license': { userId: 'alice@acme.example' },
  'move-license': { userId: 'alice@acme.example', toSubscriptionId: 'office-2' },
  'set-apps-for-assignment': { userId: 'alice@acme.example', appsOff: ['yammer'] },
  'activate-device': {
    userId: 'alice@acme.example',
    deviceId: 'd6c1f7',
    kind: 'computer',
    signedInAs: 'alice@acme.example',
  },
  'deactivate-device': { userId: 'alice@acme.example', deviceId: 'd6c1f7' },
  'add-seats': { count: 5 },
  'remove-seats': { count: 5, when: 'renewal' },
  'change-plan': { planId: 'SPE_E5' },
  pause: { until: '2027-09-01T00:00:00Z' },
  suspend: {},
  resume: { hold: 'pause' },
  'extend-trial': {},
  'convert-trial': { paymentMethod: method },
  'support-reactivate': { reason: 'the bank withdrew the dispute', ticket: 'T-1742' },
  'pay-balance': {},
  'update-payment-method': { expires: '2031-12', securityCodeConfirmed: true },
  'delete-now': { confirm: 'office-1' },
  'export-data': {},
  'add-note': { text: 'called, will pay by wire' },
  'link-payment': { paymentId: 'evt_1QxT7F2eZvKYlo2C' },
  'correct-fact': { eventId: '5f0c1a52-8f0e-5d0c-9d52-0f4d3c5f7a11', reason: 'entered for the wrong customer' },
};

/** Answer of a command (`contract.md`, HTTP). */
export const commandAnswerSchema = z
  .object({
    subscriptionId: subscriptionIdSchema,
    status: z.enum(subscriptionStatuses),
    version: z.int().openapi({ description: 'Also the ETag' }),
    position: positionSchema.openapi({ description: 'Pass it to a read as `minPosition` to read your own write' }),
    events: z.array(z.object({ id: z.string(), type: z.string(), effectiveAt: instantOutputSchema })),
    termEnd: instantOutputSchema.nullable().optional().openapi({
      description: 'Where the term ends, or the one that a reactivation leads to; absent for apps and devices',
    }),
  })
  .openapi('CommandAnswer', {
    example: {
      subscriptionId: 'office-1',
      status: 'active',
      version: 1,
      position: '48123',
      events: [
        {
          id: '5f0c1a52-8f0e-5d0c-9d52-0f4d3c5f7a11',
          type: 'SubscriptionActivated',
          effectiveAt: '2027-06-01T00:00:00.000Z',
        },
      ],
    },
  });
