/**
 * Puts operations into the application: route, authorisation, validation, documentation.
 *
 * @module
 */
import { z } from '@hono/zod-openapi';
import { authorise } from '../auth/access.ts';
import type { Authenticate, Caller } from '../auth/caller.ts';
import { parseJson, readBody } from './body.ts';
import { issuesOf } from './input-issues.ts';
import { documentOperation } from './openapi.ts';
import type { AnyOperation, ApiApp, ApiContext, OperationBody } from './operation.ts';
import { ProblemError, type InputIssue } from './problem.ts';

const empty = z.object({});

/** How operations are run. */
export type RegisterOptions = {
  readonly authenticate: Authenticate;
  /** Makes an answer that its schema refuses a fault; for tests, because it costs time. */
  readonly verifyAnswers: boolean;
};

/** Adds the operation's route and documentation. */
export function register(app: ApiApp, operation: AnyOperation, options: RegisterOptions): void {
  documentOperation(app.openAPIRegistry, operation);
  app.on(operation.method.toUpperCase(), honoPath(operation.path), async (context) => {
    context.set('operation', operation.id);
    const caller = await callerOf(operation, context, options.authenticate);
    authorise(caller, operation.access, context.req.param('tenant'));
    const input = await validate(operation, context);
    const answer = await operation.handle({ ...input, caller, context });
    if ('stream' in answer) {
      const headers = { 'content-type': operation.mediaType ?? 'application/octet-stream', ...answer.headers };
      return context.body(ReadableStream.from(answer.stream), operation.status, headers);
    }
    if (options.verifyAnswers) operation.response.parse(answer.body);
    return context.json(answer.body, operation.status, answer.headers ?? {});
  });
}

/** `/v1/tenants/{tenant}` as Hono writes it. */
export function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

const nobody: Caller = { type: 'anonymous', name: 'anonymous', roles: [], tenants: new Set() };

async function callerOf(operation: AnyOperation, context: ApiContext, authenticate: Authenticate): Promise<Caller> {
  return operation.access.kind === 'public' ? nobody : authenticate((name) => context.req.header(name));
}

type Validated = Pick<Parameters<AnyOperation['handle']>[0], 'path' | 'query' | 'header' | 'body'>;

async function validate(operation: AnyOperation, context: ApiContext): Promise<Validated> {
  const { params = empty, query = empty, headers = empty, body } = operation;
  const json = body === undefined ? undefined : await readContent(body, context.req.raw);
  const path = params.safeParse(context.req.param());
  const asked = query.safeParse(context.req.query());
  const header = headers.safeParse(
    Object.fromEntries(Object.keys(headers.shape).map((name) => [name, context.req.header(name)])),
  );
  const content = (body?.schema ?? z.undefined()).safeParse(json);
  if (path.success && asked.success && header.success && content.success) {
    return { path: path.data, query: asked.data, header: header.data, body: content.data };
  }
  throw invalidInput([
    ...issuesOf('path', path.error),
    ...issuesOf('query', asked.error),
    ...issuesOf('header', header.error),
    ...issuesOf('body', content.error),
  ]);
}

async function readContent(body: OperationBody<z.ZodType>, request: Request): Promise<unknown> {
  const { bytes } = await readBody(request, body);
  const value = body.text === true ? new TextDecoder().decode(bytes) : parseJson(bytes);
  body.inspect?.(value);
  return body.complete === undefined ? value : body.complete(value, new Map(request.headers));
}

/** `INVALID_INPUT` with everything that is wrong. */
export function invalidInput(issues: readonly InputIssue[]): ProblemError {
  const first = issues[0];
  const rest = issues.length > 1 ? ` (and ${issues.length - 1} more, see issues)` : '';
  const where = first === undefined ? '' : ` ${[first.in, first.path].filter((part) => part !== '').join(' ')}:`;
  return new ProblemError('INVALID_INPUT', `Correct the input:${where} ${first?.message ?? 'not valid'}${rest}.`, {
    issues,
  });
}
