import { z } from '@hono/zod-openapi';
import { remediesFor } from '@perennial/domain';
import type {
  KeyChangeResult,
  KeyRefusal,
  ProductKeyService,
  RedeemRequest,
  RedeemResult,
  RedeemSeveralResult,
} from '@perennial/handlers';
import type { Caller } from '../../auth/caller.ts';
import { refuseCardNumbers } from '../card-number.ts';
import { retryAfter } from '../faults.ts';
import { operation, type AnyOperation, type Answer } from '../operation.ts';
import { actorOf } from '../people.ts';
import { ProblemError } from '../problem.ts';
import { commandHeadersSchema, expectedVersion, ifMatchSchema, requestIds } from '../request-ids.ts';
import { positionSchema, readQuerySchema, subscriptionIdSchema, tenantSchema } from '../schemas/identifiers.ts';
import {
  blockBodySchema,
  issueAnswerSchema,
  issueBodySchema,
  keyChangeSchema,
  last5Schema,
  productKeySchema,
  redeemAnswerSchema,
  redeemBodySchema,
  redeemKeyBodySchema,
  sellBodySchema,
} from '../schemas/product-keys.ts';
import type { ApiServices, ProductKeyPort } from '../services.ts';
import { answerOf } from './commands.ts';
import { operators } from './read-models.ts';

const bodyRules = { bytesMax: 65_536, mediaTypes: ['application/json'], inspect: refuseCardNumbers } as const;
const tag = 'Product keys';
const issuers = { kind: 'platform', roles: ['support'] } as const;
const dryRunQuery = z.object({
  dryRun: z.enum(['true', 'false']).default('false').openapi({ description: 'Answer the same, append nothing' }),
});
const exampleKey = 'VH7K9-M3XCP-TTR4W-7YJDG-K7VHX';

/** Issue, look up, sell, block and redeem product keys (`contract.md`, product-keys). */
export function productKeyOperations(services: ApiServices): readonly AnyOperation[] {
  const port = (): ProductKeyPort => {
    if (services.productKeys !== undefined) return services.productKeys;
    throw new ProblemError('NOT_IMPLEMENTED_YET', 'Product keys are not available on this server.');
  };
  return [
    issueOperation(services, port),
    showOperation(port),
    sellOperation(services, port),
    blockOperation(services, port),
    redeemOperation(services, port),
    redeemKeyCommand(services, port),
  ];
}

type Port = () => ProductKeyPort;

function issueOperation(services: ApiServices, port: Port): AnyOperation {
  return operation({
    id: 'issueProductKeys',
    method: 'post',
    path: '/v1/product-keys',
    tag,
    summary: 'Issue product keys; they are shown this once',
    description:
      'Nothing keeps a key. A repeat with the same Idempotency-Key shows the same keys for an hour, in case the answer was lost, and issues nothing.',
    access: issuers,
    headers: commandHeadersSchema,
    body: { ...bodyRules, schema: issueBodySchema, example: { planId: 'SPE_E3', seats: 25, term: 'P1Y', count: 1 } },
    status: 200,
    response: issueAnswerSchema,
    problems: ['CARD_NUMBER_REJECTED', 'REFUSED', 'ALREADY_EXISTS', 'NOT_IMPLEMENTED_YET'],
    handle: async ({ header, body, caller }) => {
      const { planId, seats, term, family = port().familyOf(planId), ...lot } = body;
      const offer = { planId, seats, term, ...(family === undefined ? {} : { family }) };
      const cause = await causeOf(services, caller, undefined, header);
      const result = await port().service.issue({ ...cause, ...lot, offer });
      if (result.kind === 'refused') throw refusedProblem('issuing keys', result);
      if (result.kind === 'issued-before') {
        throw new ProblemError(
          'ALREADY_EXISTS',
          `Keys were issued under this Idempotency-Key on ${result.issuedAt}, and are not shown again. Issue others under another one.`,
        );
      }
      const { keys, position } = result;
      return {
        body: { keys, planId, seats, term, expiresAt: body.expiresAt ?? null, position },
        headers: { 'cache-control': 'no-store', ...(result.kind === 'repeated' && { 'Idempotent-Replayed': 'true' }) },
      };
    },
  });
}

function showOperation(port: Port): AnyOperation {
  return operation({
    id: 'showProductKey',
    method: 'get',
    path: '/v1/product-keys/{last5}',
    tag,
    summary: 'Product keys by their last five characters',
    access: { kind: 'platform', roles: operators },
    params: z.object({ last5: last5Schema }),
    query: readQuerySchema,
    status: 200,
    response: z
      .object({ ...productKeySchema.partial().shape, keys: z.array(productKeySchema), asOfPosition: positionSchema })
      .openapi('ProductKeys'),
    problems: ['NOT_FOUND', 'READ_MODEL_BEHIND', 'NOT_IMPLEMENTED_YET'],
    handle: async ({ path, query }) => {
      const { keys, asOfPosition } = await port().find(path.last5, { minPosition: query.minPosition });
      const [only, ...others] = keys;
      if (only === undefined) {
        throw new ProblemError('NOT_FOUND', `No key ends in ${path.last5}. Check the five characters.`);
      }
      // Two keys that end alike are rare: the only one is shown as itself too.
      return { body: { ...(others.length === 0 ? only : {}), keys, asOfPosition } };
    },
  });
}

/** Something that its issuer or seller does with one key, named by itself or by its id. */
function changeOperation<B extends z.ZodType<NamedKey>>(
  services: ApiServices,
  about: Pick<AnyOperation, 'id' | 'path' | 'summary' | 'access'> & {
    readonly schema: B;
    readonly example: object;
    readonly what: string;
    readonly change: (
      cause: Awaited<ReturnType<typeof causeOf>> & Pick<Parameters<ProductKeyService['sell']>[0], 'name'>,
      body: z.output<B>,
    ) => Promise<KeyChangeResult>;
  },
): AnyOperation {
  const { schema, example, what, change, ...described } = about;
  return operation({
    ...described,
    method: 'post',
    tag,
    headers: commandHeadersSchema,
    body: { ...bodyRules, schema, example },
    status: 200,
    response: keyChangeSchema,
    problems: ['CARD_NUMBER_REJECTED', 'REFUSED', 'NOT_IMPLEMENTED_YET'],
    handle: async ({ header, body, caller }) => {
      const cause = await causeOf(services, caller, undefined, header);
      return changeAnswer(what, await change({ ...cause, name: nameOf(body) }, body));
    },
  });
}

function sellOperation(services: ApiServices, port: Port): AnyOperation {
  return changeOperation(services, {
    id: 'sellProductKey',
    path: '/v1/product-keys/sell',
    summary: 'Activate a key at the till',
    access: { kind: 'platform', roles: ['support', 'partner'] },
    schema: sellBodySchema,
    example: { key: exampleKey, seller: 'shop-1' },
    what: 'selling the key',
    change: (named, { seller }) => port().service.sell({ ...named, seller }),
  });
}

function blockOperation(services: ApiServices, port: Port): AnyOperation {
  return changeOperation(services, {
    id: 'blockProductKey',
    path: '/v1/product-keys/block',
    summary: 'Revoke a key that was not redeemed',
    access: issuers,
    schema: blockBodySchema,
    example: { key: exampleKey, reason: 'reported stolen' },
    what: 'blocking the key',
    change: (named, { reason }) => port().service.block({ ...named, reason }),
  });
}

function redeemOperation(services: ApiServices, port: Port): AnyOperation {
  return operation({
    id: 'redeemProductKey',
    method: 'post',
    path: '/v1/tenants/{tenant}/product-keys/redeem',
    tag,
    summary: 'Redeem a product key: a new subscription, more time or more seats',
    access: { kind: 'tenant' },
    params: z.object({ tenant: tenantSchema }),
    query: dryRunQuery,
    headers: commandHeadersSchema,
    body: { ...bodyRules, schema: redeemBodySchema, example: { key: exampleKey, mode: 'new' } },
    status: 200,
    response: redeemAnswerSchema,
    problems: [
      'CARD_NUMBER_REJECTED',
      'REFUSED',
      'RATE_LIMITED',
      'UNAVAILABLE',
      'ALREADY_EXISTS',
      'NOT_FOUND',
      'NOT_IMPLEMENTED_YET',
    ],
    handle: async ({ path, query, header, body, caller }) => {
      const { tenant } = path;
      const { key, keys, mode, fewerSeats, subscriptionId, zone, profile } = body;
      const dryRun = query.dryRun === 'true';
      const cause = await causeOf(services, caller, tenant, header, dryRun);
      const create = mode === 'new' ? { create: { zone, profile } } : {};
      const order = { ...cause, tenant, mode, fewerSeats, subscriptionId, ...create, dryRun };
      const result = await redeemed(port().service, order, { key, keys });
      return redeemAnswer(result, { tenant, subscriptionId, correlationId: cause.correlationId });
    },
  });
}

/** The same as a command on the subscription that the key is for. */
function redeemKeyCommand(services: ApiServices, port: Port): AnyOperation {
  return operation({
    id: 'redeemKey',
    method: 'post',
    path: '/v1/tenants/{tenant}/subscriptions/{subscriptionId}/commands/redeem-key',
    tag: 'Subscriptions',
    summary: 'Command: redeem-key',
    description: 'extend: more time; add-seats: more seats; new: activates a subscription that is pending.',
    access: { kind: 'tenant' },
    params: z.object({ tenant: tenantSchema, subscriptionId: subscriptionIdSchema }),
    query: dryRunQuery,
    headers: commandHeadersSchema.extend({ 'If-Match': ifMatchSchema }),
    body: { ...bodyRules, schema: redeemKeyBodySchema, example: { key: exampleKey, mode: 'extend' } },
    status: 200,
    response: redeemAnswerSchema,
    problems: [
      'CARD_NUMBER_REJECTED',
      'REFUSED',
      'RATE_LIMITED',
      'UNAVAILABLE',
      'NOT_FOUND',
      'VERSION_CONFLICT',
      'NOT_IMPLEMENTED_YET',
    ],
    handle: async ({ path, query, header, body, caller }) => {
      const cause = await causeOf(services, caller, path.tenant, header, query.dryRun === 'true');
      const version = expectedVersion(header['If-Match']);
      const { key, keys, ...asked } = body;
      const dryRun = query.dryRun === 'true';
      const order = {
        ...cause,
        ...path,
        ...asked,
        dryRun,
        ...(version === undefined ? {} : { expectedVersion: version }),
      };
      const result = await redeemed(port().service, order, { key, keys });
      return redeemAnswer(result, { ...path, correlationId: cause.correlationId });
    },
  });
}

/** One key, or several in one order. */
function redeemed(
  service: ProductKeyPort['service'],
  order: Omit<RedeemRequest, 'key'>,
  { key, keys }: { readonly key?: string | undefined; readonly keys?: readonly string[] | undefined },
): Promise<RedeemResult | RedeemSeveralResult> {
  return key === undefined ? service.redeemSeveral({ ...order, keys: keys ?? [] }) : service.redeem({ ...order, key });
}

/** What a redemption answers: the subscription's answer, or the refusal of either side as a problem. */
export function redeemAnswer(
  result: RedeemResult | RedeemSeveralResult,
  about: { readonly tenant: string; readonly subscriptionId: string | undefined; readonly correlationId: string },
): Answer {
  if (result.kind === 'refused') throw refusedProblem('redeeming the key', result);
  const answer = answerOf(result, { ...about, name: 'redeem-key' }, about.correlationId);
  return 'keys' in result ? { ...answer, body: { ...answer.body, keys: result.keys } } : answer;
}

function changeAnswer(what: string, result: KeyChangeResult): Answer {
  if (result.kind === 'refused') throw refusedProblem(what, result);
  const { keyId, last5, position, kind } = result;
  return { body: { keyId, last5, changed: kind === 'accepted', position } };
}

type NamedKey = { readonly key?: string | undefined; readonly keyId?: string | undefined };

function nameOf({ key, keyId }: NamedKey): Parameters<ProductKeyService['sell']>[0]['name'] {
  return key === undefined ? { keyId: keyId ?? '' } : { key };
}

/** A refusal as a problem; what passes by itself says when to come back. */
function refusedProblem(
  what: string,
  { reasonCodes, remedies, redeemedBy, retryAfterSeconds, keys }: KeyRefusal & Partial<RedeemSeveralResult>,
): ProblemError {
  const code = reasonCodes.includes('RATE_LIMITED')
    ? 'RATE_LIMITED'
    : reasonCodes.includes('KEY_SERVICE_UNAVAILABLE')
      ? 'UNAVAILABLE'
      : 'REFUSED';
  return new ProblemError(
    code,
    `The rules refuse ${what}: ${reasonCodes.join(', ')}.`,
    {
      reasonCodes,
      remedies: remedies.length > 0 ? remedies : remediesFor(['KEY_SERVICE_UNAVAILABLE']),
      ...(redeemedBy !== undefined && { redeemedBy }),
      ...(keys !== undefined && { keys }),
    },
    retryAfterSeconds === undefined ? {} : retryAfter(retryAfterSeconds),
  );
}

async function causeOf(
  { vault }: ApiServices,
  caller: Caller,
  tenant: string | undefined,
  header: z.output<typeof commandHeadersSchema>,
  isDryRun = false,
) {
  const { commandId, correlationId, traceparent } = requestIds(header);
  return {
    actor: await actorOf(vault, caller, tenant, isDryRun ? 'known-only' : 'make'),
    roles: caller.roles,
    commandId,
    correlationId,
    causationId: commandId,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
