import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { OpenAPIHono, z } from '@hono/zod-openapi';
import * as commands from './schemas/commands.ts';
import { allCommandNames, commandBodySchemas, seatCommandBodySchemas } from './schemas/commands.ts';
import * as actions from './schemas/actions.ts';
import * as history from './schemas/history.ts';
import * as problem from './schemas/problem.ts';
import * as views from './schemas/views.ts';
import { problemKinds } from './problem.ts';
import { harness } from './testing/harness.ts';

const test = suite('the OpenAPI document');

type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, { schema: object }>> }>
  >;
};
type Document = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly example?: unknown }>> };
};

async function document(): Promise<Document> {
  const { body } = await harness().call('GET', '/openapi.json');
  // The tests below check the parts they look at.
  return body as unknown as Document;
}

function operationsOf({ paths }: Document): readonly (readonly [string, Operation])[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  );
}

test('it is OpenAPI 3.1 and names every route of the contract', async () => {
  const found = await document();
  assert.match(found.openapi, /^3\.1\./);
  const routes = operationsOf(found).map(([route]) => route);
  const one = '/v1/tenants/{tenant}/subscriptions/{subscriptionId}';
  const wanted = [
    'POST /v1/tenants/{tenant}/subscriptions',
    'GET /v1/tenants/{tenant}/subscriptions',
    `GET ${one}`,
    `GET ${one}/actions`,
    `GET ${one}/history`,
    'PUT /v1/tenants/{tenant}',
    'PUT /v1/tenants/{tenant}/users/{user}',
    'GET /v1/tenants/{tenant}/licenses',
    'GET /v1/tenants/{tenant}/users/{user}/licenses',
    'GET /v1/tenants/{tenant}/users/{user}/apps',
    'POST /v1/payments',
    'POST /v1/webhooks/stripe',
    'GET /v1/payments/inbox',
    'GET /v1/catalogue/plans',
    'GET /v1/catalogue/plans/{planId}',
    'POST /v1/clock',
    'GET /healthz',
    'GET /readyz',
    'GET /metrics',
    'GET /openapi.json',
    'GET /docs',
    ...Object.keys({ ...commandBodySchemas, ...seatCommandBodySchemas }).map((name) => `POST ${one}/commands/${name}`),
  ];
  assert.equal(
    wanted.filter((route) => !routes.includes(route)),
    [],
  );
});

test('the document and the router know the same routes', async () => {
  const { app } = harness();
  const documented = operationsOf(await document()).map(([route]) => route.replaceAll(/\{(\w+)\}/g, ':$1'));
  const served = app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`);
  assert.equal([...new Set(served)].sort(), [...documented].sort());
});

test('every operation has an id of its own, a summary, a tag, and schemas for every answer', async () => {
  const operations = operationsOf(await document());
  const ids = operations.map(([, { operationId }]) => operationId);
  assert.is(new Set(ids).size, ids.length);
  for (const [route, { summary, tags, responses }] of operations) {
    assert.ok(summary.length > 5, route);
    assert.is(tags.length, 1, route);
    for (const [status, { description, content }] of Object.entries(responses)) {
      assert.ok(description.length > 3, `${route} ${status}`);
      const media = Object.values(content ?? {});
      assert.ok(media.length > 0, `${route} ${status} has no content`);
      for (const { schema } of media) assert.ok(Object.keys(schema).length > 0, `${route} ${status} has no schema`);
      if (Number(status) >= 400 && route !== 'GET /readyz') {
        assert.equal(Object.keys(content ?? {}), ['application/problem+json'], `${route} ${status}`);
      }
    }
  }
});

test('every path parameter is described and required', async () => {
  for (const [route, { parameters = [] }] of operationsOf(await document())) {
    const inPath = [...route.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
    const described = parameters.filter((parameter) => parameter.in === 'path');
    assert.equal(described.map(({ name }) => name).sort(), inPath, route);
    assert.ok(
      described.every(({ required }) => required === true),
      route,
    );
  }
});

test('every POST and PUT describes its body', async () => {
  const bodiless = operationsOf(await document())
    .filter(([route]) => /^(POST|PUT)/.test(route))
    .filter(([, { requestBody }]) => Object.keys(requestBody?.content ?? {}).length === 0)
    .map(([route]) => route);
  assert.equal(bodiless, []);
});

test('every reference leads somewhere', async () => {
  const found = await document();
  const references = [...JSON.stringify(found).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]);
  assert.ok(references.length > 50);
  for (const name of references) assert.ok(name !== undefined && name in found.components.schemas, name);
});

test('every example is what its own schema accepts', () => {
  const schemas: readonly z.ZodType[] = [views, actions, history, problem, commands].flatMap((module) =>
    Object.values(module).filter((value) => value instanceof z.ZodType),
  );
  const named = schemas.flatMap((schema) => {
    const { name, example } = registrationOf(schema);
    return name === undefined ? [] : [{ schema, name, example }];
  });
  assert.ok(named.length >= 14, `${named.length} schemas`);
  for (const { schema, name, example } of named) {
    assert.is.not(example, undefined, `${name} has no example`);
    const parsed = schema.safeParse(example);
    assert.ok(parsed.success, `${name}: ${parsed.error?.message}`);
  }
});

/** The name and example that a schema carries into a document. */
function registrationOf(schema: z.ZodType): { readonly name: string | undefined; readonly example: unknown } {
  const app = new OpenAPIHono();
  const content = { 'application/json': { schema } };
  app.openAPIRegistry.registerPath({ method: 'get', path: '/', responses: { 200: { description: '', content } } });
  const made = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: '', version: '' } });
  const name = /"200":.*?"schema":\{"\$ref":"#\/components\/schemas\/(\w+)"/.exec(JSON.stringify(made.paths))?.[1];
  const component: object = made.components?.schemas?.[name ?? ''] ?? {};
  return { name, example: 'example' in component ? component.example : undefined };
}

test('every command of the contract is known by its name, and available', async () => {
  assert.is(allCommandNames.length, 32);
  const { text } = await harness().call('GET', '/openapi.json');
  for (const name of allCommandNames) assert.ok(text.includes(`/commands/${name}"`), name);
  for (const name of Object.keys({ ...commandBodySchemas, ...seatCommandBodySchemas })) {
    if (name !== 'create') assert.ok((allCommandNames as readonly string[]).includes(name), name);
  }
});

test('the page for people shows every operation and error, and fetches nothing', async () => {
  const { call } = harness();
  const { status, text, headers } = await call('GET', '/docs');
  assert.is(status, 200);
  assert.match(headers.get('content-type') ?? '', /^text\/html/);
  assert.not.match(text, /<script|<link|src=|url\(|@import/);
  assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
  for (const [route, { operationId }] of operationsOf(await document())) {
    assert.ok(text.includes(`<details id="${operationId}">`), route);
  }
  for (const code of Object.keys(problemKinds)) assert.ok(text.includes(`id="problem-${code}"`), code);
});

test.run();
