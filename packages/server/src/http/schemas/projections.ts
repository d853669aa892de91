import { z } from '@hono/zod-openapi';
import { positionSchema } from './identifiers.ts';

/** One projection and how far it is. */
export const projectionStatusSchema = z
  .object({ name: z.string(), version: z.int(), state: z.string(), watermark: positionSchema, lag: z.string() })
  .openapi('ProjectionStatus', {
    example: { name: 'subscriptions', version: 2, state: 'running', watermark: '48123', lag: 'caught up' },
  });

/** What comparing read models with the log showed. */
export const projectionComparisonSchema = z
  .object({
    equal: z.boolean(),
    detail: z.array(z.string()).openapi({ description: 'For people, a line each' }),
    position: positionSchema,
    eventCount: z.int(),
    eventsPerSecond: z.int(),
    tables: z.array(z.object({ table: z.string(), rowCount: z.int(), digest: z.string() })),
    rows: z
      .array(
        z.object({
          table: z.string(),
          stream: z.string(),
          key: z.string(),
          kind: z.enum(['missing', 'unexpected', 'different']),
          fields: z.array(z.string()),
        }),
      )
      .openapi({ description: 'Rows of the live tables that are not what the log says, at most 100' }),
  })
  .openapi('ProjectionComparison', {
    example: {
      equal: true,
      detail: ['11 tables with 4711 rows compared as of position 48123'],
      position: '48123',
      eventCount: 9000,
      eventsPerSecond: 15_000,
      tables: [],
      rows: [],
    },
  });

/** A version set and how far it is. */
export const projectionSetSchema = z
  .object({
    set: z.string(),
    status: z.enum(['active', 'building', 'kept']),
    purpose: z.enum(['release', 'rebuild', 'verify']),
    projections: z.array(z.string()).openapi({ description: '`name@version`' }),
    state: z.string(),
    position: positionSchema,
    logEnd: positionSchema,
    percent: z.number().openapi({ description: 'Of the log, by position' }),
    eventCount: z.int().openapi({ description: 'Events folded from the log while it was built' }),
    eventsPerSecond: z.int(),
    etaSeconds: z.int().nullable().openapi({ description: 'Until it is complete; null when nobody can say' }),
    folded: z
      .array(z.string())
      .nullable()
      .openapi({
        description: 'While it is built: what is folded from the log, the rest being taken over; null for all',
      }),
    switches: z.enum(['by-itself', 'by-hand']),
    parity: projectionComparisonSchema.nullable(),
  })
  .openapi('ProjectionSet', {
    example: {
      set: 'perennial_set_2',
      status: 'building',
      purpose: 'rebuild',
      projections: ['subscriptions@2'],
      state: 'filling',
      position: '24000',
      logEnd: '48123',
      percent: 49.8,
      eventCount: 4500,
      eventsPerSecond: 15_000,
      etaSeconds: 1,
      folded: null,
      switches: 'by-itself',
      parity: null,
    },
  });
