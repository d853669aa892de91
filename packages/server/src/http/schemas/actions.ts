import { z } from '@hono/zod-openapi';
import { subscriptionStatuses } from '@perennial/domain';
import { instantOutputSchema, positionSchema } from './identifiers.ts';
import { remedySchema } from './problem.ts';

/** The list of actions (`domain.md 6.4`). */
export const actionsSchema = z
  .object({
    actions: z.array(
      z.object({
        command: z.string(),
        available: z.boolean(),
        reasonCodes: z.array(z.string()),
        needs: z.array(z.string()).openapi({ description: 'Inputs that the caller has yet to give' }),
        remedies: z.array(remedySchema),
        effectPreview: z
          .object({
            newState: z.enum(subscriptionStatuses).optional(),
            newTermEnd: instantOutputSchema.optional(),
            amount: z.object({ minor: z.int(), currency: z.string() }).optional(),
          })
          .nullable(),
      }),
    ),
    asOfPosition: positionSchema,
  })
  .openapi('Actions', {
    example: {
      actions: [
        {
          command: 'reactivate',
          available: false,
          reasonCodes: ['ALREADY_ACTIVE'],
          needs: [],
          remedies: [
            {
              kind: 'self_service',
              text: {
                en: 'The subscription is active; nothing to do.',
                nl: 'Het abonnement is actief; niets te doen.',
              },
            },
          ],
          effectPreview: null,
        },
      ],
      asOfPosition: '48123',
    },
  });
