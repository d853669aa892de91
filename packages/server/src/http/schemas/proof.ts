import { z } from '@hono/zod-openapi';
import { instantOutputSchema, positionSchema } from './identifiers.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** A root over the heads of all streams, as it was published. */
export const logRootSchema = z
  .object({
    logId: z.string(),
    position: z.string().regex(/^\d{1,20}$/),
    until: z.string(),
    streamCount: z.int(),
    eventCount: z.int(),
    root: hash.openapi({ description: 'RFC 9162 tree over the heads of all streams' }),
  })
  .openapi('LogRoot', {
    example: {
      logId: '6c8e1b34-4f0b-4a9e-9d52-0f4d3c5f7a11',
      position: '48123',
      until: '2027-06-01T00:00:00.000Z',
      streamCount: 310,
      eventCount: 4711,
      root: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    },
  });

/** The same as the log holds it. */
export const publishedRootSchema = logRootSchema
  .extend({ eventId: z.string(), revision: z.int(), publishedAt: instantOutputSchema })
  .openapi('PublishedRoot');

/** A line of the answer of a verification. */
export const verifyLineSchema = z
  .object({
    kind: z.enum(['progress', 'verdict', 'fault']),
    ok: z.boolean().optional(),
    events: z.int().optional(),
    streams: z.int().optional(),
    perSecond: z.number().optional(),
    position: positionSchema.optional(),
    broken: z
      .array(
        z.object({
          stream: z.string(),
          revision: z.int(),
          position: z.string(),
          reason: z.string(),
          detail: z.string(),
        }),
      )
      .optional(),
    roots: z.array(z.object({ root: logRootSchema, holds: z.boolean(), detail: z.string().optional() })).optional(),
    root: logRootSchema.optional(),
    code: z.string().optional(),
    message: z.string().optional(),
  })
  .openapi('VerifyLine', {
    description: 'One JSON object to a line: any number of `progress`, then one `verdict` or one `fault`',
  });
