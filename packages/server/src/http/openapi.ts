/**
 * The OpenAPI 3.1 document, from the same schemas that validate (`contract.md`, HTTP).
 *
 * @module
 */
import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { AnyOperation, ApiApp } from './operation.ts';
import { problemKinds, type ProblemCode } from './problem.ts';
import { problemSchema } from './schemas/problem.ts';

type Registry = OpenAPIHono['openAPIRegistry'];

const ofEvery: readonly ProblemCode[] = ['INTERNAL', 'OVERLOADED', 'UNAVAILABLE'];

/** Adds an operation to the document. */
export function documentOperation(registry: Registry, operation: AnyOperation): void {
  const { params, query, headers, body } = operation;
  registry.registerPath({
    operationId: operation.id,
    method: operation.method,
    path: operation.path,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description !== undefined && { description: operation.description }),
    ...(operation.access.kind === 'public' && { security: [] }),
    request: {
      ...(params !== undefined && { params }),
      ...(query !== undefined && { query }),
      ...(headers !== undefined && { headers }),
      ...(body !== undefined && {
        body: {
          // Asked when the document is: the first use of a schema compiles it, which every start would pay for.
          get required() {
            return !body.schema.safeParse({}).success;
          },
          content: Object.fromEntries(
            body.mediaTypes.map((type) => [
              type,
              { schema: body.schema, ...(body.example !== undefined && { example: body.example }) },
            ]),
          ),
        },
      }),
    },
    responses: {
      [operation.status]: {
        description: operation.summary,
        content: { [operation.mediaType ?? 'application/json']: { schema: operation.response } },
      },
      ...problemResponses(allProblems(operation)),
    },
  } satisfies RouteConfig);
}

function allProblems({ access, params, query, headers, body, problems }: AnyOperation): readonly ProblemCode[] {
  const takesInput = params ?? query ?? headers ?? body;
  return [
    ...new Set<ProblemCode>([
      ...(takesInput === undefined ? [] : (['INVALID_INPUT'] as const)),
      ...(access.kind === 'public' ? [] : (['UNAUTHENTICATED', 'FORBIDDEN'] as const)),
      ...(body === undefined ? [] : (['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const)),
      ...problems,
      ...ofEvery,
    ]),
  ];
}

function problemResponses(codes: readonly ProblemCode[]): RouteConfig['responses'] {
  const statuses = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = problemKinds[code];
    statuses.set(status, [...(statuses.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...statuses].map(([status, list]) => [
      status,
      {
        description: list.map((code) => `${code}: ${problemKinds[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: problemSchema } },
        ...(status === 503 && {
          headers: z.object({ 'Retry-After': z.string().openapi({ description: 'Seconds to wait' }) }),
        }),
      },
    ]),
  );
}

/** The document of an application. */
export function openApiDocument(app: ApiApp, version: string): ReturnType<ApiApp['getOpenAPI31Document']> {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Perennial',
      version,
      description:
        'The subscription lifecycle: create, activate, bill, expire, disable, cancel, reactivate. Every error is RFC 9457 `application/problem+json` with a stable `code`.',
      license: { name: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This server' }],
    security: [{ bearer: [] }],
    tags: tags.map(([name, description]) => ({ name, description })),
  });
}

/** Tags of the operations, in the order of the documentation. */
export const tags = [
  ['Subscriptions', 'Create subscriptions, command them, read them and their history.'],
  ['Audit', 'What happened, who did it and why, and how things stood at any instant.'],
  ['Licences', 'Who may use what.'],
  ['Tenants', 'What the rules need to know about tenants and users.'],
  ['Notices', 'What people are told before deadlines, and what will happen by itself.'],
  ['Product keys', 'Prepaid licences: issued, sold, redeemed for a subscription, more time or more seats.'],
  ['Payments', 'Payment events in, and what became of them.'],
  ['Catalogue', 'Plans and their apps.'],
  ['Audit', 'Questions about any instant, and proof that nothing was altered.'],
  ['Operations', 'Clock, parked messages, projections.'],
] as const;

/** Documents the Stripe webhook, whose body is checked as raw bytes and therefore has no schema of ours. */
export function documentWebhook(registry: Registry, path: string): void {
  registry.registerPath({
    operationId: 'stripeWebhook',
    method: 'post',
    path,
    tags: ['Payments'],
    summary: "Stripe's webhook: 200 once the raw event is stored",
    description:
      'The signature is checked on the raw bytes, with a tolerance of 300 s; several v1 signatures are tried.',
    security: [],
    request: {
      headers: z.object({
        'Stripe-Signature': z
          .string()
          .openapi({ example: 't=1811894400,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e7…' }),
      }),
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z
              .looseObject({ id: z.string(), type: z.string() })
              .openapi({ example: { id: 'evt_1', object: 'event', type: 'invoice.paid', created: 1_811_894_400 } }),
          },
        },
      },
    },
    responses: {
      200: {
        description: 'Stored',
        content: {
          'application/json': {
            schema: z
              .object({ received: z.literal(true), duplicate: z.boolean() })
              .openapi('WebhookAnswer', { example: { received: true, duplicate: false } }),
          },
        },
      },
      ...problemResponses([
        'SIGNATURE_INVALID',
        'PAYLOAD_TOO_LARGE',
        'UNSUPPORTED_MEDIA_TYPE',
        'WEBHOOK_NOT_CONFIGURED',
        ...ofEvery,
      ]),
    },
  });
}

/** Documents a route without input, outside `/v1`. */
export function documentPlain(
  registry: Registry,
  route: {
    readonly path: string;
    readonly summary: string;
    readonly responses: Readonly<Record<number, Readonly<Record<string, z.ZodType>>>>;
  },
): void {
  registry.registerPath({
    operationId: route.path.slice(1).replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase()),
    method: 'get',
    path: route.path,
    tags: ['Operations'],
    summary: route.summary,
    security: [],
    responses: Object.fromEntries(
      Object.entries(route.responses).map(([status, content]) => [
        status,
        {
          description: route.summary,
          content: Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }])),
        },
      ]),
    ),
  });
}
