/**
 * Turns whatever was thrown below the HTTP layer into a problem. Errors of the other packages are known by their stable
 * `code`; anything unknown is an incident: logged with its cause, shown without it.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import type { ApiEnv } from './operation.ts';
import { ProblemError, type ProblemCode } from './problem.ts';

/** Faults that pass by themselves: the client should come back after this many seconds. */
const passing: Readonly<Record<string, { readonly code: ProblemCode; readonly retryAfterSeconds: number }>> = {
  READ_MODEL_BEHIND: { code: 'READ_MODEL_BEHIND', retryAfterSeconds: 1 },
  EVENT_STORE_UNAVAILABLE: { code: 'UNAVAILABLE', retryAfterSeconds: 5 },
  BROKER_UNAVAILABLE: { code: 'UNAVAILABLE', retryAfterSeconds: 5 },
  DATABASE_UNREACHABLE: { code: 'UNAVAILABLE', retryAfterSeconds: 5 },
  // Others kept appending to the same subscription: the same command, sent again, will have its turn.
  CONFLICT: { code: 'OVERLOADED', retryAfterSeconds: 1 },
  OVERLOADED: { code: 'OVERLOADED', retryAfterSeconds: 1 },
};

/** The problem for an error; unknown errors are logged at `error` with the incident id that the client is shown. */
export function problemOf(error: unknown, log: Logger): ProblemError {
  if (error instanceof ProblemError) return error;
  const known = passing[codeOf(error) ?? ''];
  if (known !== undefined) {
    log.warn({ err: error }, 'a part of the system does not answer in time');
    const detail = error instanceof Error ? error.message : 'A part this needs does not answer; try again.';
    return new ProblemError(known.code, detail, {}, retryAfter(known.retryAfterSeconds));
  }
  const incident = randomUUID();
  log.error({ err: error, incident }, 'unexpected fault while answering a request');
  return new ProblemError(
    'INTERNAL',
    `Something unexpected happened. It is logged as incident ${incident}; repeating the request with the same Idempotency-Key is safe.`,
    { incident },
    { cause: error },
  );
}

/** Headers that ask the client to come back after some seconds. */
export function retryAfter(seconds: number): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { 'retry-after': String(seconds) } };
}

/** Hono renders only errors: whatever else was thrown becomes one. */
export const throwErrorsOnly: MiddlewareHandler<ApiEnv> = async (_, next) => {
  try {
    await next();
  } catch (thrown) {
    throw thrown instanceof Error ? thrown : new Error('something that is not an error was thrown', { cause: thrown });
  }
};

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
