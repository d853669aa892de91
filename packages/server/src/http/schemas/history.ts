import { z } from '@hono/zod-openapi';
import { instantOutputSchema, positionSchema } from './identifiers.ts';

/** The timeline of a subscription, oldest first (`contract.md`, history). */
export const historySchema = z
  .object({
    events: z.array(
      z.object({
        revision: z.int(),
        id: z.string(),
        type: z.string(),
        data: z.record(z.string(), z.unknown()),
        effectiveAt: instantOutputSchema.openapi({ description: 'Valid time: since when it holds' }),
        recordedAt: instantOutputSchema.openapi({ description: 'System time: when it was written' }),
        actor: z.object({
          type: z.string(),
          id: z.string().openapi({ description: 'For people a person id' }),
          roles: z.array(z.string()),
          userId: z.string().optional().openapi({ description: 'Who that is, unless erased' }),
        }),
        commandId: z.string(),
        correlationId: z.string(),
        causationId: z.string(),
        policy: z.string().nullable(),
        catalogue: z.string().nullable(),
        reason: z.string().nullable().openapi({ description: 'Encrypted, as it was hashed' }),
        readable: z
          .object({ reason: z.string().optional(), text: z.string().optional() })
          .optional()
          .openapi({ description: 'What is encrypted in the event, less what was erased' }),
        schemaVersion: z.int(),
        hash: z.string(),
        prevHash: z.string(),
        position: positionSchema,
      }),
    ),
    people: z
      .record(z.string(), z.string())
      .openapi({ description: 'User ids of the person ids in `data`, less the erased' }),
    next: z.int().nullable().openapi({ description: 'There is more: pass it as `from`' }),
    asOfPosition: positionSchema,
  })
  .openapi('History', {
    example: {
      events: [
        {
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
        },
      ],
      people: {},
      next: null,
      asOfPosition: '48123',
    },
  });
