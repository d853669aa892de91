/**
 * Calls the application without a network. Every error is held to the problem's schema, every answer to its operation's.
 *
 * @module
 */
import * as assert from 'uvu/assert';
import { createHttpApp, type HttpAppOptions } from '../app.ts';
import type { ApiApp } from '../operation.ts';
import { problemSchema } from '../schemas/problem.ts';
import type { ApiServices } from '../services.ts';
import { fakeServices, type FakeServices } from './fake-services.ts';

/** What a call answered. */
export type Called = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, for tests to look into: any JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
};

/** What to send. */
export type CallOptions = {
  readonly json?: unknown;
  readonly raw?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** The application with its doubles. */
export type Harness = {
  readonly app: ApiApp;
  readonly services: FakeServices;
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Called>;
};

/** Builds the application over doubles. */
export function harness(overrides: Partial<ApiServices> = {}, options: Partial<HttpAppOptions> = {}): Harness {
  const services = fakeServices(overrides);
  const app = createHttpApp(services, { auth: { mode: 'none' }, verifyAnswers: true, ...options });
  return { app, services, call: (method, path, sent = {}) => call(app, method, path, sent) };
}

async function call(app: ApiApp, method: string, path: string, sent: CallOptions): Promise<Called> {
  const body = sent.raw ?? (sent.json === undefined ? undefined : JSON.stringify(sent.json));
  const response = await app.request(path, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...sent.headers },
    ...(body !== undefined && { body }),
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const called: Called = {
    status: response.status,
    headers: response.headers,
    text,
    // Tests only look into it, with assertions that fail on anything unexpected.
    body: (isJson ? JSON.parse(text) : {}) as Called['body'],
  };
  if (called.status >= 400 && called.body['ready'] === undefined) assertProblem(called);
  return called;
}

/** Holds an error to RFC 9457 and to our own promise: no stack traces. */
function assertProblem({ status, headers, body, text }: Called): void {
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
  const parsed = problemSchema.strict().safeParse(body);
  assert.ok(parsed.success, `not a problem: ${text} ${parsed.error?.message}`);
  assert.is(body['status'], status);
  assert.not.match(text, /\\n +at |node_modules|\.[jt]s:\d/);
}
