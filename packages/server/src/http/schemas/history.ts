import { z } from '@hono/zod-openapi';
import { instantOutputSchema, positionSchema } from './identifiers.ts';

const actorSchema = z.object({
  type: z.string(),
  id: z.string().openapi({ description: 'For people a person id' }),
  roles: z.array(z.string()).optional(),
  userId: z.string().optional().openapi({ description: 'Who that is, unless erased' }),
});

/** An event that another one refers to. */
export const eventRefSchema = z.object({
  stream: z.string(),
  revision: z.int(),
  id: z.string(),
  type: z.string(),
  effectiveAt: instantOutputSchema,
  recordedAt: instantOutputSchema,
  actor: actorSchema,
});

/** One cause of an event. */
export const becauseSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('command'),
    actor: actorSchema,
    commandId: z.string(),
    command: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('payment'),
    provider: z.string(),
    object: z.string(),
    providerEventId: z.string(),
    fact: z.string(),
    occurredAt: instantOutputSchema.nullable(),
    receivedAt: instantOutputSchema.nullable(),
    amount: z.object({ minor: z.int(), currency: z.string() }).nullable(),
    message: z.string().nullable(),
  }),
  z.object({ kind: z.literal('deadline'), deadline: z.string(), at: instantOutputSchema }),
  z.object({ kind: z.literal('event'), event: eventRefSchema }),
]);

/** An event in a history. */
export const historyEntrySchema = z.object({
  stream: z.string(),
  revision: z.int(),
  id: z.string(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  effectiveAt: instantOutputSchema.openapi({ description: 'Valid time: since when it holds' }),
  recordedAt: instantOutputSchema.openapi({ description: 'System time: when it was written' }),
  actor: actorSchema,
  commandId: z.string(),
  correlationId: z.string(),
  causationId: z.string(),
  policy: z.string().nullable(),
  catalogue: z.string().nullable(),
  reason: z.string().nullable().openapi({ description: 'Encrypted, as it was hashed' }),
  readable: z
    .object({ reason: z.string().optional(), text: z.string().optional(), erased: z.array(z.string()).optional() })
    .optional()
    .openapi({ description: 'What is encrypted in the event, less what was erased' }),
  schemaVersion: z.int(),
  hash: z.string(),
  prevHash: z.string(),
  position: positionSchema,
  because: z
    .array(becauseSchema)
    .openapi({ description: 'Why: the nearest cause first, back to the payment or the person it began with' }),
  undoneBy: eventRefSchema.nullable().openapi({ description: 'The event that undid it; null while it holds' }),
  correctedBy: z.array(eventRefSchema.extend({ correction: z.record(z.string(), z.unknown()).nullable() })),
});

/** The timeline of a subscription, oldest first (`contract.md`, history). */
export const historySchema = z
  .object({
    events: z.array(historyEntrySchema),
    people: z
      .record(z.string(), z.string())
      .openapi({ description: 'User ids of the person ids in `data`, less the erased' }),
    erased: z.array(z.string()).openapi({ description: 'Person ids of whom nothing is known any more' }),
    incomplete: z
      .array(z.string())
      .openapi({ description: 'Of `include`: what a later question may know more of; the log is still being read' }),
    next: z.int().nullable().openapi({ description: 'There is more: pass it as `from`' }),
    asOfPosition: positionSchema,
  })
  .openapi('History', {
    example: {
      events: [
        {
          stream: 'subscription-acme_office-1',
          revision: 0,
          id: '5f0c1a52-8f0e-5d0c-9d52-0f4d3c5f7a11',
          type: 'RecurringBillingTurnedOff',
          data: {},
          effectiveAt: '2027-06-01T00:00:00.000Z',
          recordedAt: '2027-06-01T00:00:00.000Z',
          actor: {
            type: 'user',
            id: '0f4d3c5f-7a11-4d0c-9d52-5f0c1a528f0e',
            roles: ['billing-admin'],
            userId: 'alice',
          },
          commandId: 'order-1742',
          correlationId: 'checkout-88',
          causationId: 'order-1742',
          policy: 'direct-mosa-2020@1',
          catalogue: '1',
          reason: null,
          schemaVersion: 1,
          hash: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
          prevHash: '7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730',
          position: '48123',
          because: [
            {
              kind: 'command',
              actor: {
                type: 'user',
                id: '0f4d3c5f-7a11-4d0c-9d52-5f0c1a528f0e',
                roles: ['billing-admin'],
                userId: 'alice',
              },
              commandId: 'order-1742',
              command: 'set-recurring-billing',
            },
          ],
          undoneBy: null,
          correctedBy: [],
        },
      ],
      people: {},
      erased: [],
      incomplete: [],
      next: null,
      asOfPosition: '48123',
    },
  });
