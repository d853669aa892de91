import { z } from '@hono/zod-openapi';
import { operation, type AnyOperation } from '../operation.ts';
import { actorOf } from '../people.ts';
import { commandHeadersSchema, requestIds } from '../request-ids.ts';
import { positionSchema, tenantSchema, userIdSchema } from '../schemas/identifiers.ts';
import type { ApiServices } from '../services.ts';
import { need } from './need.ts';

/** Forgetting people. */
export function personalDataOperation(services: ApiServices): AnyOperation {
  return operation({
    id: 'erasePerson',
    method: 'delete',
    path: '/v1/tenants/{tenant}/users/{user}/personal-data',
    tag: 'Tenants',
    summary: 'Forget a user for good',
    description:
      'Nobody can be named by what is left: the log keeps a random id, and every count stays. Texts the user wrote can never be read again. It cannot be undone; asking again does nothing.',
    access: { kind: 'tenant', roles: ['user-admin', 'support'] },
    params: z.object({ tenant: tenantSchema, user: userIdSchema }),
    headers: commandHeadersSchema,
    status: 200,
    response: z
      .object({
        erased: z.boolean().openapi({ description: 'False when nobody is known by that id (any more)' }),
        position: positionSchema
          .nullable()
          .openapi({ description: 'From here on the read models know nothing of them' }),
      })
      .openapi('ErasureAnswer', { example: { erased: true, position: '48123' } }),
    problems: ['NOT_IMPLEMENTED_YET'],
    handle: async ({ path, header, caller }) => {
      const erasures = need(services.erasures, 'Erasing personal data');
      const actor = await actorOf(services.vault, caller, path.tenant, 'make');
      return { body: await erasures.erase(path.tenant, path.user, { actor, ...requestIds(header) }) };
    },
  });
}
