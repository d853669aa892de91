import type { Context } from 'hono';
import type { ApiEnv } from './operation.ts';
import { ProblemError } from './problem.ts';

/** A path and the method it knows, as registered with Hono. */
export type KnownRoute = { readonly method: string; readonly path: string };

const commandPath = /^\/v1\/tenants\/[^/]+\/subscriptions\/[^/]+\/commands\/([^/]+)$/;

/** Why no route answers: a path that knows other methods (405), or nothing at all (404). */
export function missingRoute(context: Context<ApiEnv>, routes: readonly KnownRoute[]): ProblemError {
  const { method, path } = context.req;
  const command = commandPath.exec(path)?.[1];
  const methods = methodsOf(path, routes);
  if (methods.length > 0) {
    return new ProblemError(
      'METHOD_NOT_ALLOWED',
      `This path does not know ${method}: use ${methods.join(' or ')}.`,
      {},
      {
        headers: { allow: methods.join(', ') },
      },
    );
  }
  if (command === undefined) {
    return new ProblemError('NOT_FOUND', 'There is nothing at this path: see /docs for the paths there are.');
  }
  return new ProblemError(
    'NOT_FOUND',
    `There is no command "${command.slice(0, 64)}": see /docs for the commands there are.`,
  );
}

function methodsOf(path: string, routes: readonly KnownRoute[]): readonly string[] {
  const fitting = routes.filter((route) => pattern(route.path).test(path)).map(({ method }) => method);
  return [...new Set(fitting.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
}

// A template has only plain segments and `:name`, so nothing else needs escaping but dots.
function pattern(template: string): RegExp {
  return new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`);
}
