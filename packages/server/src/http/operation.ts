/**
 * One operation of the API: its documentation, its validation, who may call it and what it does, in one value. All that
 * is wrong with a request is reported at once.
 *
 * @module
 */
import type { Context } from 'hono';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { z } from '@hono/zod-openapi';
import type { Caller } from '../auth/caller.ts';
import type { Access } from '../auth/access.ts';
import type { ProblemCode } from './problem.ts';

/** What middleware leaves for the handlers. */
export type ApiEnv = { Variables: { requestId: string; operation: string } };
/** The application. */
export type ApiApp = OpenAPIHono<ApiEnv>;
/** The context of one request. */
export type ApiContext = Context<ApiEnv>;

/** The validated request. */
export type OperationInput<P, Q, H, B> = {
  readonly path: P;
  readonly query: Q;
  readonly header: H;
  readonly body: B;
  readonly caller: Caller;
  readonly context: ApiContext;
};

/** What an operation answers: JSON, or bytes as they come where it has another media type. */
export type Answer =
  | { readonly body: object; readonly headers?: Readonly<Record<string, string>> }
  | { readonly stream: AsyncIterable<Uint8Array>; readonly headers?: Readonly<Record<string, string>> };

/** The body an operation takes. */
export type OperationBody<B extends z.ZodType> = {
  readonly schema: B;
  readonly bytesMax: number;
  readonly mediaTypes: readonly [string, ...string[]];
  readonly example?: unknown;
  /** The body is text, not JSON. */
  readonly text?: true;
  /** Runs on the parsed JSON before its schema, for what must be refused whatever the shape. */
  readonly inspect?: (value: unknown) => void;
  /** Makes the value that the schema sees, for protocols that keep part of it in headers (names in lower case). */
  readonly complete?: (value: unknown, headers: ReadonlyMap<string, string>) => unknown;
};

/** See the module's description. */
export type Operation<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  H extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
> = {
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** In OpenAPI's form, `/v1/tenants/{tenant}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  readonly params?: P;
  readonly query?: Q;
  readonly headers?: H;
  readonly body?: OperationBody<B>;
  readonly status: 200 | 202;
  readonly response: z.ZodType;
  /** Of the answer, default `application/json`. */
  readonly mediaType?: string;
  /** Problems beside the ones every operation can answer. */
  readonly problems: readonly ProblemCode[];
  handle(input: OperationInput<z.output<P>, z.output<Q>, z.output<H>, z.output<B>>): Promise<Answer> | Answer;
};

/** An operation whose types are known only to itself. */
export type AnyOperation = Operation;

/** Keeps the types of the parts while the operation is written down. */
export function operation<
  P extends z.ZodObject = z.ZodObject<Record<string, never>>,
  Q extends z.ZodObject = z.ZodObject<Record<string, never>>,
  H extends z.ZodObject = z.ZodObject<Record<string, never>>,
  B extends z.ZodType = z.ZodUndefined,
>(definition: Operation<P, Q, H, B>): AnyOperation {
  // The input that reaches `handle` was validated by these very schemas, so forgetting their types is safe.
  return definition;
}
