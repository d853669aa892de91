import { z } from '@hono/zod-openapi';
import { isZone } from '@perennial/domain';
import { refuseCardNumbers } from '../card-number.ts';
import { operation, type AnyOperation } from '../operation.ts';
import { actorOf } from '../people.ts';
import { commandHeadersSchema, requestIds } from '../request-ids.ts';
import { positionSchema, tenantSchema, userIdSchema } from '../schemas/identifiers.ts';
import type { ApiServices } from '../services.ts';

const country = z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166 code in capitals, for instance NL');
const bodyRules = { bytesMax: 16_384, mediaTypes: ['application/json'], inspect: refuseCardNumbers } as const;
const positionAnswer = z
  .object({ position: positionSchema })
  .openapi('PositionAnswer', { example: { position: '48123' } });

const tenantFactsSchema = z
  .object({
    country: country.optional(),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a language tag, for instance nl-NL')
      .optional(),
    zone: z.string().refine(isZone, 'an IANA time zone, such as Europe/Amsterdam').optional(),
    domainAttached: z.boolean().optional(),
    creditCheck: z.enum(['pending', 'passed']).optional(),
  })
  .openapi('TenantFacts');

/** What guards need to know, all optional (`contract.md`, PUT tenants). */
export function tenantOperations(services: ApiServices): readonly AnyOperation[] {
  return [
    operation({
      id: 'describeTenant',
      method: 'put',
      path: '/v1/tenants/{tenant}',
      tag: 'Tenants',
      summary: 'What the rules need to know about a tenant',
      description:
        'Replaces what was said before; what is left out is unknown, and what is unknown passes every guard.',
      access: { kind: 'tenant', roles: ['billing-admin', 'support'] },
      params: z.object({ tenant: tenantSchema }),
      headers: commandHeadersSchema,
      body: { ...bodyRules, schema: tenantFactsSchema, example: { country: 'NL', zone: 'Europe/Amsterdam' } },
      status: 200,
      response: positionAnswer,
      problems: ['CARD_NUMBER_REJECTED'],
      handle: async ({ path, header, body, caller }) => {
        const actor = await actorOf(services.vault, caller, path.tenant, 'make');
        return { body: await services.tenants.describeTenant(path.tenant, body, { actor, ...requestIds(header) }) };
      },
    }),
    operation({
      id: 'describeUser',
      method: 'put',
      path: '/v1/tenants/{tenant}/users/{user}',
      tag: 'Tenants',
      summary: 'What the rules need to know about a user',
      access: { kind: 'tenant', roles: ['user-admin', 'license-admin', 'support'] },
      params: z.object({ tenant: tenantSchema, user: userIdSchema }),
      headers: commandHeadersSchema,
      body: {
        ...bodyRules,
        schema: z.object({ usageLocation: country.optional() }).openapi('UserFacts'),
        example: { usageLocation: 'NL' },
      },
      status: 200,
      response: positionAnswer,
      problems: ['CARD_NUMBER_REJECTED'],
      handle: async ({ path, header, body, caller }) => {
        const actor = await actorOf(services.vault, caller, path.tenant, 'make');
        const personId = await services.vault.personIdFor(path.tenant, path.user);
        const by = { actor, ...requestIds(header) };
        return { body: await services.tenants.describePerson(path.tenant, personId, body, by) };
      },
    }),
  ];
}
