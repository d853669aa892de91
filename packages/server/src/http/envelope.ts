/**
 * What surrounds every request: an id, security headers, a line in the log, a sample for the metrics.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import type { Histogram } from 'prom-client';
import type { ApiEnv } from './operation.ts';

const securityHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

/** Labels of the request histogram. */
export type RequestLabels = 'method' | 'operation' | 'status';

/**
 * Gives the request its id and the answer its headers, and logs at `debug`. The path is logged by its operation only:
 * user ids in paths are personal data.
 */
export function wrapRequest(log: Logger, seconds: Histogram<RequestLabels>): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const given = context.req.header('X-Request-Id');
    const requestId = given !== undefined && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
    context.set('requestId', requestId);
    context.set('operation', 'unknown');
    // Before the handler: afterwards the answer would have to be taken apart and put together again.
    for (const [name, value] of Object.entries(securityHeaders)) context.header(name, value);
    context.header('x-request-id', requestId);
    const startedAt = performance.now();
    await next();
    const elapsedMs = performance.now() - startedAt;
    const { status } = context.res;
    const { method } = context.req;
    const operation = context.get('operation');
    seconds.observe({ method, operation, status: String(status) }, elapsedMs / 1000);
    log.debug({ requestId, method, operation, status, elapsedMs: Math.round(elapsedMs * 10) / 10 }, 'request');
  };
}
