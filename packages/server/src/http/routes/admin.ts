import { z } from '@hono/zod-openapi';
import type { ParkedMessage, ParkedMessages } from '@perennial/handlers';
import { operation, type AnyOperation } from '../operation.ts';
import { actorOf } from '../people.ts';
import { ProblemError } from '../problem.ts';
import { commandHeadersSchema, requestIds } from '../request-ids.ts';
import { catalogueImportSchema, parkedMessageSchema } from '../schemas/views.ts';
import type { ApiServices } from '../services.ts';
import { projectionOperations } from './projections.ts';
import { need } from './need.ts';
import { operators } from './read-models.ts';

const look = { kind: 'platform', roles: operators } as const;
const act = { kind: 'platform', roles: ['support'] } as const;
const parkedPath = z.object({ id: z.coerce.number().int().min(1).openapi({ example: 17 }) });
const noBody = { schema: z.object({}), bytesMax: 1024, mediaTypes: ['application/json'] } as const;

/** Operations of our own for operators: parked messages, projections, catalogues. */
export function adminOperations(services: ApiServices): readonly AnyOperation[] {
  return [...parkedOperations(services), ...projectionOperations(services), catalogueOperation(services)];
}

function parkedOperations(services: ApiServices): readonly AnyOperation[] {
  const parked = () => need(services.parked, 'The list of parked messages');
  return [
    operation({
      id: 'listParked',
      method: 'get',
      path: '/v1/admin/parked',
      tag: 'Operations',
      summary: 'Messages that could not be handled, oldest first',
      access: look,
      query: z.object({
        component: z
          .string()
          .regex(/^[a-z0-9-]{1,64}$/)
          .optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      status: 200,
      response: z
        .object({ parked: z.array(parkedMessageSchema) })
        .openapi('ParkedMessages', { example: { parked: [] } }),
      problems: ['NOT_IMPLEMENTED_YET'],
      handle: async ({ query: { component, limit } }) => {
        const list = await parked().list({ limit, ...(component !== undefined && { component }) });
        return { body: { parked: list.map((message) => describe(message)) } };
      },
    }),
    operation({
      id: 'showParked',
      method: 'get',
      path: '/v1/admin/parked/{id}',
      tag: 'Operations',
      summary: 'One parked message with its raw bytes',
      access: look,
      params: parkedPath,
      status: 200,
      response: parkedMessageSchema,
      problems: ['NOT_FOUND', 'NOT_IMPLEMENTED_YET'],
      handle: async ({ path }) => {
        const message = await existing(parked(), path.id);
        return { body: { ...describe(message), payload: new TextDecoder().decode(message.data) } };
      },
    }),
    ...parkedActions(services, parked),
  ];
}

function parkedActions(services: ApiServices, parked: () => ParkedMessages): readonly AnyOperation[] {
  return [
    operation({
      id: 'retryParked',
      method: 'post',
      path: '/v1/admin/parked/{id}/retry',
      tag: 'Operations',
      summary: 'Send a parked message, and all of its lane in order, through intake again',
      access: act,
      params: parkedPath,
      body: noBody,
      status: 200,
      response: z
        .object({ handled: z.int(), parkedAgain: z.int() })
        .openapi('RetryAnswer', { example: { handled: 1, parkedAgain: 0 } }),
      problems: ['NOT_FOUND', 'PARKED_NOT_RETRYABLE', 'NOT_IMPLEMENTED_YET'],
      handle: async ({ path }) => {
        await existing(parked(), path.id);
        return { body: await parked().retry(path.id) };
      },
    }),
    operation({
      id: 'discardParked',
      method: 'post',
      path: '/v1/admin/parked/{id}/discard',
      tag: 'Operations',
      summary: 'Give a parked message up for good',
      access: act,
      params: parkedPath,
      body: {
        schema: z.object({ reason: z.string().min(1).max(2000) }),
        bytesMax: 16_384,
        mediaTypes: ['application/json'],
        example: { reason: 'test message of the provider' },
      },
      status: 200,
      response: z.object({ discarded: z.literal(true) }).openapi('DiscardAnswer', { example: { discarded: true } }),
      problems: ['NOT_FOUND', 'NOT_IMPLEMENTED_YET'],
      handle: async ({ path, body, caller }) => {
        const { id } = await actorOf(services.vault, caller, undefined, 'make');
        if (!(await parked().discard(path.id, { reason: body.reason, by: id }))) throw noSuchMessage(path.id);
        return { body: { discarded: true } };
      },
    }),
  ];
}

async function existing(parked: ParkedMessages, id: number): Promise<ParkedMessage> {
  const message = await parked.show(id);
  if (message === undefined) throw noSuchMessage(id);
  return message;
}

function noSuchMessage(id: number): ProblemError {
  return new ProblemError('NOT_FOUND', `There is no parked message ${id}: see /v1/admin/parked.`);
}

/** A message without its bytes. */
function describe(message: ParkedMessage): object {
  const { id, component, parkedAt, subject, sequence, lane, error, attempts, headers } = message;
  return { id, component, parkedAt, subject, sequence, lane: lane ?? null, error, attempts, headers };
}

function catalogueOperation(services: ApiServices): AnyOperation {
  return operation({
    id: 'importCatalogue',
    method: 'post',
    path: '/v1/admin/catalogue',
    tag: 'Catalogue',
    summary: "Publish Microsoft's product and service-plan CSV as the catalogue",
    access: { kind: 'platform', roles: ['support'] },
    headers: commandHeadersSchema,
    body: {
      schema: z.string().min(1),
      text: true,
      bytesMax: 16_000_000,
      mediaTypes: ['text/csv'],
      example: 'Product_Display_Name,String_Id,GUID,Service_Plan_Name,Service_Plan_Id,…',
    },
    status: 200,
    response: catalogueImportSchema,
    problems: ['NOT_IMPLEMENTED_YET'],
    handle: async ({ body, header, caller }) => {
      const actor = await actorOf(services.vault, caller, undefined, 'make');
      return {
        body: await need(services.catalogue, 'Importing a catalogue').importCsv(body, { actor, ...requestIds(header) }),
      };
    },
  });
}
