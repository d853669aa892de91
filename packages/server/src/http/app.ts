/**
 * The HTTP application: all routes of the contract over the ports of `services.ts`.
 *
 * @module
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import { pino, type Logger } from 'pino';
import { Histogram, Registry } from 'prom-client';
import type { Authenticate } from '../auth/caller.ts';
import { authenticateByHeaders } from '../auth/header-caller.ts';
import type { JwtOptions } from '../auth/jwt-caller.ts';
import { refuseForeignBrowsers } from '../auth/local-only.ts';
import { addStripeWebhook, type StripeWebhookOptions } from '../webhooks/stripe-route.ts';
import { wrapRequest, type RequestLabels } from './envelope.ts';
import { problemOf, throwErrorsOnly } from './faults.ts';
import { missingRoute } from './missing-route.ts';
import type { AnyOperation, ApiApp, ApiEnv } from './operation.ts';
import { defaultOverload, refuseOverload, type OverloadOptions } from './overload.ts';
import { problemResponse } from './problem.ts';
import { register } from './register.ts';
import { adminOperations } from './routes/admin.ts';
import { auditLogOperations } from './routes/audit-log.ts';
import { auditOperations } from './routes/audit.ts';
import { auditProofOperations } from './routes/audit-proof.ts';
import { clockOperation } from './routes/clock.ts';
import { commandOperations } from './routes/commands.ts';
import { addDocumentationRoutes } from './routes/docs.ts';
import { addHealthRoutes } from './routes/health.ts';
import { historyOperation } from './routes/history.ts';
import { noticeOperations } from './routes/notices.ts';
import { paymentOperation } from './routes/payments.ts';
import { productKeyOperations } from './routes/product-keys.ts';
import { readModelOperations } from './routes/read-models.ts';
import { subscriptionOperations } from './routes/subscriptions.ts';
import { personalDataOperation } from './routes/personal-data.ts';
import { tenantOperations } from './routes/tenants.ts';
import type { ApiServices } from './services.ts';

/** Settings of the application. */
export type HttpAppOptions = {
  /** `none` only where the server listens on loopback: whoever reaches the port is trusted. */
  readonly auth: { readonly mode: 'none' } | ({ readonly mode: 'jwt' } & JwtOptions);
  readonly stripe?: StripeWebhookOptions;
  readonly log?: Logger;
  /** Metrics of the process; the application adds its own. */
  readonly metrics?: Registry;
  /** What /metrics shows, where other processes have metrics too. */
  readonly metricsPage?: () => Promise<string>;
  readonly overload?: Partial<OverloadOptions>;
  /** Version of this software, for the documentation. */
  readonly version?: string;
  /** Checks every answer against its schema; for tests. */
  readonly verifyAnswers?: boolean;
};

/**
 * Builds the application.
 *
 * @example
 * const app = createHttpApp(services, { auth: { mode: 'none' } });
 * const answer = await app.request('/v1/tenants/acme/subscriptions');
 */
export function createHttpApp(services: ApiServices, options: HttpAppOptions): ApiApp {
  const log = options.log ?? pino({ level: 'silent' });
  const metrics = options.metrics ?? new Registry();
  const app: ApiApp = new OpenAPIHono<ApiEnv>();
  registerSecurity(app);

  app.use(wrapRequest(log, requestHistogram(metrics)));
  app.use(throwErrorsOnly);
  app.use(refuseOverload({ ...defaultOverload, ...options.overload }));
  if (options.auth.mode === 'none') app.use(refuseForeignBrowsers);
  const registerOptions = { authenticate: authenticator(options), verifyAnswers: options.verifyAnswers ?? false };
  for (const operation of operations(services)) register(app, operation, registerOptions);
  addStripeWebhook(app, services.payments, options.stripe ?? { secrets: [] });
  addHealthRoutes(app, services, metrics, options.metricsPage);
  addDocumentationRoutes(app, options.version ?? '0.1.0');

  const routes = app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => ({ method, path }));
  app.notFound((context) => problemResponse(missingRoute(context, routes), context));
  app.onError((error, context) => {
    const requestLog = log.child({ requestId: context.get('requestId'), operation: context.get('operation') });
    return problemResponse(problemOf(error, requestLog), context);
  });
  return app;
}

function operations(services: ApiServices): readonly AnyOperation[] {
  return [
    ...commandOperations(services),
    ...subscriptionOperations(services),
    historyOperation(services),
    ...auditOperations(services),
    ...auditLogOperations(services),
    ...readModelOperations(services),
    ...noticeOperations(services),
    ...tenantOperations(services),
    personalDataOperation(services),
    paymentOperation(services),
    ...productKeyOperations(services),
    clockOperation(services),
    ...auditProofOperations(services),
    ...adminOperations(services),
  ];
}

function authenticator({ auth }: HttpAppOptions): Authenticate {
  if (auth.mode === 'none') return authenticateByHeaders;
  // Loaded only in this mode. Every request awaits it and meets its fault; until the first one it must not count as unhandled.
  const byJwt = import('../auth/jwt-caller.ts').then(({ authenticateByJwt }) => authenticateByJwt(auth));
  byJwt.catch(() => undefined);
  return async (header) => (await byJwt)(header);
}

function registerSecurity(app: ApiApp): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'Auth mode `jwt`: claims sub, roles, tenant or tenants. In mode `none` no token is needed.',
  });
}

function requestHistogram(metrics: Registry): Histogram<RequestLabels> {
  return new Histogram<RequestLabels>({
    name: 'http_request_seconds',
    help: 'Duration of requests by operation and status',
    labelNames: ['method', 'operation', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [metrics],
  });
}
