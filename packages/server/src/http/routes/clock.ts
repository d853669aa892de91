import { z } from '@hono/zod-openapi';
import { addDuration, CalendarError } from '@perennial/domain';
import { operation, type AnyOperation } from '../operation.ts';
import { actorOf } from '../people.ts';
import { ProblemError } from '../problem.ts';
import { invalidInput } from '../register.ts';
import { commandHeadersSchema, requestIds } from '../request-ids.ts';
import { instantInputSchema, instantOutputSchema, positionSchema } from '../schemas/identifiers.ts';
import type { ApiServices } from '../services.ts';

const bodySchema = z.union([
  z.strictObject({ advanceTo: instantInputSchema }),
  z.strictObject({
    advanceBy: z
      .string()
      .max(64)
      .regex(/^P(?=[\dT])/, 'an ISO 8601 duration, such as P30D')
      .openapi({ example: 'P30D' }),
  }),
]);

/** POST clock: moves the virtual clock, and answers only when everything due has happened (`contract.md`). */
export function clockOperation(services: ApiServices): AnyOperation {
  return operation({
    id: 'advanceClock',
    method: 'post',
    path: '/v1/clock',
    tag: 'Operations',
    summary: 'Move the virtual clock, never backwards',
    description:
      'A barrier: payments accepted before it are applied or parked, then due timers run until none is left, then the read models catch up.',
    access: { kind: 'platform', roles: [] },
    headers: commandHeadersSchema,
    body: { schema: bodySchema, bytesMax: 4096, mediaTypes: ['application/json'], example: { advanceBy: 'P30D' } },
    status: 200,
    response: z
      .object({ now: instantOutputSchema, position: positionSchema })
      .openapi('ClockAnswer', { example: { now: '2027-07-01T00:00:00.000Z', position: '48200' } }),
    problems: ['CLOCK_NOT_VIRTUAL', 'CLOCK_BACKWARDS'],
    handle: async ({ body, header, caller }) => {
      const { clock, vault } = services;
      if (!clock.virtual) {
        throw new ProblemError(
          'CLOCK_NOT_VIRTUAL',
          'This server follows the system clock. Start it with PERENNIAL_CLOCK set to an instant to move time by hand.',
        );
      }
      const now = clock.now();
      const to = 'advanceTo' in body ? body.advanceTo : later(now, body.advanceBy);
      if (to < now) {
        throw new ProblemError(
          'CLOCK_BACKWARDS',
          `The clock stands at ${now} and never goes back: ask for a later instant.`,
        );
      }
      return {
        body: await clock.advanceTo(to, {
          actor: await actorOf(vault, caller, undefined, 'make'),
          ...requestIds(header),
        }),
      };
    },
  });
}

function later(now: string, duration: string): string {
  try {
    return addDuration(now, duration, 'UTC');
  } catch (error) {
    if (!(error instanceof CalendarError)) throw error;
    throw invalidInput([{ in: 'body', path: 'advanceBy', code: error.code.toLowerCase(), message: error.message }]);
  }
}
