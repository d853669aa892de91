import type { Registry } from 'prom-client';
import { z } from '@hono/zod-openapi';
import type { ApiApp } from '../operation.ts';
import { documentPlain } from '../openapi.ts';
import type { ApiServices } from '../services.ts';

const partSchema = z.object({
  name: z.string(),
  state: z.enum(['starting', 'running', 'failing', 'stopped']),
  detail: z.string(),
});
/** Answer of /readyz. */
export const readinessSchema = z
  .object({ ready: z.boolean(), parts: z.array(partSchema) })
  .openapi('Readiness', { example: { ready: true, parts: [{ name: 'relay', state: 'running', detail: 'in order' }] } });
/** Answer of /healthz. */
export const livenessSchema = z.object({ status: z.literal('ok') }).openapi('Liveness', { example: { status: 'ok' } });

/** Liveness, readiness with every part, and metrics; without `/v1` and without a token. */
export function addHealthRoutes(
  app: ApiApp,
  services: ApiServices,
  metrics: Registry,
  page = () => metrics.metrics(),
): void {
  const json = 'application/json';
  documentPlain(app.openAPIRegistry, {
    path: '/healthz',
    summary: 'The process runs',
    responses: { 200: { [json]: livenessSchema } },
  });
  app.get('/healthz', (context) => context.json({ status: 'ok' } as const, 200));

  documentPlain(app.openAPIRegistry, {
    path: '/readyz',
    summary: 'Whether every part runs, and how each fares',
    responses: { 200: { [json]: readinessSchema }, 503: { [json]: readinessSchema } },
  });
  app.get('/readyz', async (context) => {
    const parts = await services.parts();
    const ready = parts.every((part) => part.state === 'running');
    return context.json({ ready, parts }, ready ? 200 : 503);
  });

  documentPlain(app.openAPIRegistry, {
    path: '/metrics',
    summary: 'Metrics for Prometheus',
    responses: { 200: { 'text/plain': z.string().openapi({ example: '# HELP http_request_seconds …' }) } },
  });
  app.get('/metrics', async (context) => context.body(await page(), 200, { 'content-type': metrics.contentType }));
}
