/**
 * Answers to the questions of an auditor (`domain.md 6.8`).
 *
 * @module
 */
import { z } from '@hono/zod-openapi';
import { subscriptionStatuses } from '@perennial/domain';
import { becauseSchema, eventRefSchema, historyEntrySchema } from './history.ts';
import { instantOutputSchema, positionSchema } from './identifiers.ts';

const asOf = { asOfPosition: positionSchema };
const told = { event: eventRefSchema.nullable(), because: z.array(becauseSchema) };
const deadlineSchema = z.object({ kind: z.string(), at: instantOutputSchema });
const people = z.record(z.string(), z.string()).openapi({ description: 'User ids by person id, less the erased' });

const sideSchema = z.object({
  at: instantOutputSchema,
  knownAt: instantOutputSchema.optional(),
  exists: z.boolean().openapi({ description: 'Whether there was a subscription, as far as was known' }),
});
const eventChangeSchema = eventRefSchema.extend({ fields: z.array(z.string()) });

/** What differs between two instants. */
export const diffSchema = z.object({
  from: sideSchema,
  to: sideSchema,
  changes: z.array(
    z.object({
      field: z.string(),
      before: z.unknown(),
      after: z.unknown(),
      events: z.array(eventRefSchema).openapi({ description: 'What made the difference; none where only time passed' }),
    }),
  ),
  added: z.array(eventChangeSchema).openapi({ description: 'Events that count at `to` only' }),
  removed: z.array(eventChangeSchema).openapi({ description: 'Events that count at `from` only' }),
  deadlines: z
    .object({ from: z.array(deadlineSchema), to: z.array(deadlineSchema) })
    .openapi({ description: 'Deadlines that passed without an event that was known' }),
  people: z
    .object({ gained: z.array(z.string()), lost: z.array(z.string()), users: people })
    .openapi({ description: 'Person ids of those who gained or lost a licence' }),
  ...asOf,
});

const stepSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['assigned', 'unassigned', 'assigned-later']), ...told, event: eventRefSchema }),
  z.object({ kind: z.literal('moved'), to: z.string(), ...told, event: eventRefSchema }),
  z.object({ kind: z.literal('never-assigned') }),
  z.object({ kind: z.literal('not-in-plan'), planId: z.string(), catalogue: z.string().nullable(), ...told }),
  z.object({ kind: z.literal('app-off'), ...told }),
  z.object({ kind: z.literal('held'), hold: z.enum(['pause', 'suspend']), ...told }),
  z.object({
    kind: z.literal('status'),
    status: z.string(),
    since: instantOutputSchema,
    deadline: deadlineSchema.nullable(),
    ...told,
  }),
]);
const accessSchema = z.enum(['full', 'reduced', 'none']);

/** Why a user had, or did not have, an app. */
export const whySchema = z.object({
  app: z.object({ appId: z.string(), name: z.string().nullable(), kind: z.enum(['desktop', 'service']).nullable() }),
  at: instantOutputSchema,
  knownAt: instantOutputSchema.nullable(),
  access: accessSchema,
  subscriptionId: z.string().nullable().openapi({ description: 'The subscription that decided' }),
  chain: z.array(stepSchema).openapi({ description: 'The shortest chain of events that explains it' }),
  sentences: z.array(z.object({ en: z.string(), nl: z.string() })).openapi({ description: 'The same in words' }),
  subscriptions: z.array(z.object({ subscriptionId: z.string(), access: accessSchema, chain: z.array(stepSchema) })),
  people,
  ...asOf,
});

/** The policy profile in force. */
export const policySchema = z.object({
  profile: z.string().openapi({ example: 'direct-mosa-2020@1' }),
  settings: z.record(z.string(), z.unknown()),
  since: eventRefSchema.nullable(),
  catalogue: z.string().nullable(),
  ...asOf,
});

const page = {
  next: positionSchema.nullable().openapi({
    description: 'There is more of the log to look at: pass it as `after`. A page may be empty and have one',
  }),
  undecodable: z.int().openapi({ description: 'Events that cannot be decoded and so were not asked' }),
};

/** Events found in the log, with why they happened and what became of them. */
export const foundEventsSchema = z.object({
  events: z.array(historyEntrySchema),
  people,
  erased: z.array(z.string()).openapi({ description: 'Person ids of whom nothing is known any more' }),
  ...page,
  ...asOf,
});

/** Subscriptions that were in a state. */
export const inStateSchema = z.object({
  subscriptions: z.array(
    z.object({
      tenant: z.string(),
      subscriptionId: z.string(),
      planId: z.string(),
      status: z.enum(subscriptionStatuses),
      since: instantOutputSchema,
      statusEventId: z.string().nullable(),
      deadline: deadlineSchema.nullable(),
    }),
  ),
  ...page,
  ...asOf,
});

/** Automatic transitions that lie ahead. */
export const dueSchema = z.object({
  due: z.array(
    z.object({
      tenant: z.string(),
      subscriptionId: z.string(),
      kind: z.string(),
      at: instantOutputSchema,
      from: z.enum(subscriptionStatuses),
      to: z.enum(subscriptionStatuses),
    }),
  ),
  ...page,
  ...asOf,
});
