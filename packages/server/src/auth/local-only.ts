import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../http/operation.ts';
import { ProblemError } from '../http/problem.ts';

/**
 * In mode `none` everybody who reaches the port is trusted, and a browser on this machine reaches it too: a page that
 * names us by another host (DNS rebinding) or that comes from another origin is refused.
 */
export const refuseForeignBrowsers: MiddlewareHandler<ApiEnv> = async (context, next) => {
  const host = context.req.header('Host');
  if (host !== undefined && !isLoopback(`http://${host}`)) {
    throw new ProblemError(
      'FORBIDDEN',
      'Without authentication this server answers only to a loopback name: use 127.0.0.1 or localhost.',
    );
  }
  const origin = context.req.header('Origin');
  if (origin !== undefined && !isLoopback(origin)) {
    throw new ProblemError(
      'FORBIDDEN',
      'Without authentication this server takes no requests from pages of another origin.',
    );
  }
  await next();
};

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
