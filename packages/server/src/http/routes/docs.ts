import { z } from '@hono/zod-openapi';
import { docsPage } from '../docs-page.ts';
import { documentPlain, openApiDocument } from '../openapi.ts';
import type { ApiApp } from '../operation.ts';

/** `/openapi.json` and the page that shows it; both made when first asked for, then kept. */
export function addDocumentationRoutes(app: ApiApp, version: string): void {
  documentPlain(app.openAPIRegistry, {
    path: '/openapi.json',
    summary: 'This document: OpenAPI 3.1',
    responses: {
      200: { 'application/json': z.record(z.string(), z.unknown()).openapi({ example: { openapi: '3.1.0' } }) },
    },
  });
  documentPlain(app.openAPIRegistry, {
    path: '/docs',
    summary: 'The same for people',
    responses: { 200: { 'text/html': z.string().openapi({ example: '<!doctype html>…' }) } },
  });
  const document = once(() => openApiDocument(app, version));
  const page = once(() => docsPage(document()));
  app.get('/openapi.json', (context) => context.json(document(), 200));
  app.get('/docs', (context) =>
    context.html(page(), 200, {
      // The page is one file: its own style, no script, nothing fetched.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    }),
  );
}

function once<T extends string | object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
