import { z } from '@hono/zod-openapi';
import { operation, type AnyOperation } from '../operation.ts';
import { projectionComparisonSchema, projectionSetSchema, projectionStatusSchema } from '../schemas/projections.ts';
import type { ApiServices, ProjectionPort } from '../services.ts';
import { need } from './need.ts';
import { operators } from './read-models.ts';

const look = { kind: 'platform', roles: operators } as const;
const act = { kind: 'platform', roles: ['support'] } as const;
const body = <S extends z.ZodObject>(schema: S) =>
  ({ schema, bytesMax: 1024, mediaTypes: ['application/json'] }) as const;
const shared = { method: 'post', tag: 'Operations', status: 200 } as const;

/** Version sets of the read models: how far they are, comparing, building, switching, going back. */
export function projectionOperations(services: ApiServices): readonly AnyOperation[] {
  const port = (): ProjectionPort => need(services.projections, 'The list of projections');
  return [
    operation({
      ...shared,
      id: 'listProjections',
      method: 'get',
      path: '/v1/admin/projections',
      summary: 'Projections, their version sets, and how far each is',
      access: look,
      response: z
        .object({ projections: z.array(projectionStatusSchema), sets: z.array(projectionSetSchema) })
        .openapi('Projections', { example: { projections: [], sets: [] } }),
      problems: ['NOT_IMPLEMENTED_YET'],
      handle: async () => ({ body: await port().list() }),
    }),
    operation({
      ...shared,
      id: 'verifyProjections',
      path: '/v1/admin/projections/verify',
      summary: 'Fold the log again and compare with the read models, which go on working',
      access: look,
      body: body(z.object({})),
      response: projectionComparisonSchema,
      problems: ['PROJECTIONS_NOT_READY', 'NOT_IMPLEMENTED_YET'],
      handle: async () => ({ body: await need(port().verify, 'Verifying projections')() }),
    }),
    operation({
      ...shared,
      id: 'rebuildProjections',
      path: '/v1/admin/projections/rebuild',
      summary: 'Begin to build the read models, or one of them, anew from the log, beside the live ones',
      description: 'Answers at once; `GET /v1/admin/projections` says how far it is. One set is built at a time.',
      access: act,
      body: {
        ...body(
          z.object({
            projection: z.string().min(1).max(64).optional().openapi({
              description:
                'The name of one; it is built with those that must not differ from it, the others are taken over. Default: all',
            }),
            switch: z.enum(['by-itself', 'by-hand']).default('by-itself'),
          }),
        ),
        example: { projection: 'payment-inbox', switch: 'by-hand' },
      },
      status: 202,
      response: z
        .object({
          started: z.boolean(),
          set: z.string(),
          projections: z.array(z.string()).openapi({ description: 'What is folded from the log' }),
          detail: z.string(),
        })
        .openapi('RebuildAnswer', {
          example: {
            started: true,
            set: 'perennial_set_2',
            projections: ['payment-inbox', 'payment-references', 'reference-steps'],
            detail: 'perennial_set_2 is being built',
          },
        }),
      problems: ['NOT_FOUND', 'PROJECTIONS_NOT_READY', 'NOT_IMPLEMENTED_YET'],
      handle: async ({ body: asked }) => ({
        body: await need(
          port().rebuild,
          'Rebuilding projections',
        )({
          isByHand: asked.switch === 'by-hand',
          ...(asked.projection !== undefined && { only: asked.projection }),
        }),
      }),
    }),
    ...switchOperations(port),
  ];
}

function switchOperations(port: () => ProjectionPort): readonly AnyOperation[] {
  return [
    operation({
      ...shared,
      id: 'switchProjections',
      path: '/v1/admin/projections/switch',
      summary: 'Let the set that is ready take over',
      access: act,
      body: body(z.object({})),
      response: projectionComparisonSchema,
      problems: ['PROJECTIONS_NOT_READY', 'NOT_IMPLEMENTED_YET'],
      handle: async () => ({ body: await need(port().switchOver, 'Switching')() }),
    }),
    operation({
      ...shared,
      id: 'rollBackProjections',
      path: '/v1/admin/projections/rollback',
      summary: 'Go back to the set that was live before; it was kept current',
      access: act,
      body: body(z.object({})),
      response: z.object({ set: z.string() }).openapi('RollbackAnswer', { example: { set: 'perennial_set_1' } }),
      problems: ['PROJECTIONS_NOT_READY', 'NOT_IMPLEMENTED_YET'],
      handle: async () => ({ body: await need(port().switchBack, 'Going back')() }),
    }),
    operation({
      ...shared,
      id: 'dropKeptProjections',
      path: '/v1/admin/projections/drop',
      summary: 'Drop the set that was kept for going back',
      access: act,
      body: body(z.object({})),
      response: z.object({ dropped: z.boolean() }).openapi('DropAnswer', { example: { dropped: true } }),
      problems: ['NOT_IMPLEMENTED_YET'],
      handle: async () => ({ body: await need(port().dropKept, 'Dropping a set')() }),
    }),
  ];
}
