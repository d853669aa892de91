import { z } from '@hono/zod-openapi';
import { operation, type AnyOperation } from '../operation.ts';
import { actorOf } from '../people.ts';
import { ProblemError } from '../problem.ts';
import { commandHeadersSchema, requestIds } from '../request-ids.ts';
import { subscriptionIdSchema, tenantSchema } from '../schemas/identifiers.ts';
import { logRootSchema, publishedRootSchema, verifyLineSchema } from '../schemas/proof.ts';
import type { ApiServices, ProofPort, VerifyLine } from '../services.ts';

const platform = { kind: 'platform', roles: ['auditor'] } as const;
const ofTenant = { kind: 'tenant', roles: ['auditor'] } as const;
const linesType = 'application/x-ndjson';

/** Operations that prove: verification, published roots, evidence. */
export function auditProofOperations(services: ApiServices): readonly AnyOperation[] {
  return [verifyLog(services), verifyTenant(services), ...rootOperations(services), evidence(services)];
}

function portOf({ proof }: ApiServices): ProofPort {
  if (proof !== undefined) return proof;
  throw new ProblemError('NOT_IMPLEMENTED_YET', 'Proof is not available on this server: ask one with the role api.');
}

function verifyLog(services: ApiServices): AnyOperation {
  return operation({
    id: 'verifyLog',
    method: 'post',
    path: '/v1/audit/verify',
    tag: 'Audit',
    summary: 'Recompute the hash chain of every stream, and hold the log against published roots',
    description:
      'Reads the whole log and answers line by line while it does. `roots` are roots that you kept; the newest that the log itself holds are always checked.',
    access: platform,
    body: {
      schema: z.object({ roots: z.array(logRootSchema).max(1000).default([]) }),
      bytesMax: 1_000_000,
      mediaTypes: ['application/json'],
      example: { roots: [] },
    },
    status: 200,
    response: verifyLineSchema,
    mediaType: linesType,
    problems: ['NOT_IMPLEMENTED_YET'],
    handle: ({ body, context }) => ({
      stream: lines(portOf(services).verify({}, { roots: body.roots, signal: context.req.raw.signal })),
    }),
  });
}

function verifyTenant(services: ApiServices): AnyOperation {
  return operation({
    id: 'verifyTenant',
    method: 'post',
    path: '/v1/tenants/{tenant}/verify',
    tag: 'Audit',
    summary: 'Recompute the hash chains of a tenant, or of one subscription with its seats',
    access: ofTenant,
    params: z.object({ tenant: tenantSchema }),
    body: {
      schema: z.object({ subscriptionId: subscriptionIdSchema.optional() }),
      bytesMax: 4096,
      mediaTypes: ['application/json'],
      example: { subscriptionId: 'office-1' },
    },
    status: 200,
    response: verifyLineSchema,
    mediaType: linesType,
    problems: ['NOT_IMPLEMENTED_YET'],
    handle: ({ path, body: { subscriptionId }, context }) => ({
      stream: lines(
        portOf(services).verify(
          { tenant: path.tenant, ...(subscriptionId !== undefined && { subscriptionId }) },
          { roots: [], signal: context.req.raw.signal },
        ),
      ),
    }),
  });
}

async function* lines(values: AsyncIterable<VerifyLine>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const value of values) yield Buffer.from(`${JSON.stringify(value)}\n`);
}

function rootOperations(services: ApiServices): readonly AnyOperation[] {
  return [
    operation({
      id: 'listLogRoots',
      method: 'get',
      path: '/v1/audit/roots',
      tag: 'Audit',
      summary: 'Published roots over the log, newest first',
      access: platform,
      query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
      status: 200,
      response: z.object({ roots: z.array(publishedRootSchema) }).openapi('PublishedRoots'),
      problems: ['NOT_IMPLEMENTED_YET'],
      handle: async ({ query }) => ({ body: { roots: await portOf(services).roots(query.limit) } }),
    }),
    operation({
      id: 'publishLogRoot',
      method: 'post',
      path: '/v1/audit/roots',
      tag: 'Audit',
      summary: 'Verify the whole log and publish a root over it; keep a copy outside',
      description: 'A log to which nothing was added since the last root keeps that one. It also goes out on `EVENTS`.',
      access: platform,
      headers: commandHeadersSchema,
      body: { schema: z.object({}), bytesMax: 1024, mediaTypes: ['application/json'] },
      status: 200,
      response: publishedRootSchema,
      problems: ['LOG_BROKEN', 'NOT_IMPLEMENTED_YET'],
      handle: async ({ header, caller }) => {
        const actor = await actorOf(services.vault, caller, undefined, 'make');
        return { body: await portOf(services).publishRoot({ actor, ...requestIds(header) }) };
      },
    }),
    operation({
      id: 'readSigningKey',
      method: 'get',
      path: '/v1/audit/signing-key',
      tag: 'Audit',
      summary: 'The public key that evidence is signed with: publish its fingerprint where others trust it',
      access: { kind: 'known' },
      status: 200,
      response: z
        .object({
          fingerprint: z.string().openapi({ description: 'SHA-256 of the SubjectPublicKeyInfo in DER, hex' }),
          pem: z.string(),
        })
        .openapi('SigningKey'),
      problems: ['NOT_IMPLEMENTED_YET'],
      handle: () => ({ body: portOf(services).signingKey() }),
    }),
  ];
}

function evidence(services: ApiServices): AnyOperation {
  return operation({
    id: 'takeEvidence',
    method: 'get',
    path: '/v1/tenants/{tenant}/evidence',
    tag: 'Audit',
    summary: 'Everything about a tenant, or one subscription, as a signed zip that is verified offline',
    description:
      'Events in their stored form, proofs under roots of the log, a report in HTML, and a script that checks all of it.',
    access: ofTenant,
    params: z.object({ tenant: tenantSchema }),
    query: z.object({ subscriptionId: subscriptionIdSchema.optional() }),
    status: 200,
    response: z.string().openapi({ format: 'binary' }),
    mediaType: 'application/zip',
    problems: ['NOT_FOUND', 'LOG_BROKEN', 'NOT_IMPLEMENTED_YET'],
    handle: async ({ path: { tenant }, query: { subscriptionId } }) => {
      const { fileName, archive } = await portOf(services).evidence({
        tenant,
        ...(subscriptionId !== undefined && { subscriptionId }),
      });
      return { stream: archive, headers: { 'content-disposition': `attachment; filename="${fileName}"` } };
    },
  });
}
