/**
 * Turns whatever was thrown below the HTTP layer into a problem. Errors of the other packages are known by their stable
 * `code`; anything unknown is an incident: logged with its cause, shown without it.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { isConnectionClosed, isLimitReached, isPayloadTooLarge, isTransient } from '@perennial/broker';
import type { MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import type { ApiEnv } from './operation.ts';
import { ProblemError, type ProblemCode } from './problem.ts';

type Rendering = { readonly code: ProblemCode; readonly retryAfterSeconds?: number };

const unavailable: Rendering = { code: 'UNAVAILABLE', retryAfterSeconds: 5 };
const overloaded: Rendering = { code: 'OVERLOADED', retryAfterSeconds: 1 };

/** Errors of our own packages by their stable code: their messages are written for whoever called. */
const own: Readonly<Record<string, Rendering>> = {
  READ_MODEL_BEHIND: { code: 'READ_MODEL_BEHIND', retryAfterSeconds: 1 },
  EVENT_STORE_UNAVAILABLE: unavailable,
  EVENT_STORE_OVERLOADED: overloaded,
  NATS_UNREACHABLE: unavailable,
  NATS_FLUSH_TIMEOUT: unavailable,
  JETSTREAM_UNAVAILABLE: unavailable,
  PUBLISH_WINDOW_FULL: overloaded,
  DATABASE_UNREACHABLE: unavailable,
  PAYMENTS_NOT_SETTLED: unavailable,
  PARKED_RETRY_UNHANDLED: unavailable,
  // Others kept appending to the same subscription: the same command, sent again, will have its turn.
  CONFLICT: overloaded,
  OVERLOADED: overloaded,
  // The clock was moved by somebody else between the question and the move.
  CLOCK_WOULD_GO_BACK: { code: 'CLOCK_BACKWARDS' },
  PARKED_NOT_RETRYABLE: { code: 'PARKED_NOT_RETRYABLE' },
  LOG_BROKEN: { code: 'LOG_BROKEN' },
  LOG_EMPTY: { code: 'NOT_FOUND' },
  NO_EVIDENCE: { code: 'NOT_FOUND' },
  TOO_MANY_STREAMS: { code: 'OVERLOADED' },
  PROJECTIONS_NOT_READY: { code: 'PROJECTIONS_NOT_READY' },
  PROJECTION_UNKNOWN: { code: 'NOT_FOUND' },
  PROJECTIONS_STAND_STILL: unavailable,
  FILE_TOO_LARGE: { code: 'PAYLOAD_TOO_LARGE' },
  MALFORMED_CSV: { code: 'INVALID_INPUT' },
  UNKNOWN_COLUMNS: { code: 'INVALID_INPUT' },
  NO_PLANS: { code: 'INVALID_INPUT' },
};

// Broken connections as Node, PostgreSQL (class 08, 53 and 57P) and NATS name them, and statements that met others (40).
const brokenConnection =
  /^(ECONN(REFUSED|RESET|ABORTED)|ETIMEDOUT|EPIPE|ENOTFOUND|08\w{3}|40001|40P01|53\w{3}|57P0\d)$/;

/** The problem for an error; unknown errors are logged at `error` with the incident id that the client is shown. */
export function problemOf(error: unknown, log: Logger): ProblemError {
  if (error instanceof ProblemError) return error;
  return knownProblem(error, log) ?? incidentOf(error, log);
}

function knownProblem(error: unknown, log: Logger): ProblemError | undefined {
  const code = codeOf(error) ?? '';
  const rendering = own[code];
  if (rendering !== undefined && error instanceof Error) return rendered(rendering, error.message, error, log);
  if (isPayloadTooLarge(error)) {
    return rendered({ code: 'PAYLOAD_TOO_LARGE' }, 'The message is larger than the broker takes.', error, log);
  }
  if (isLimitReached(error)) {
    return rendered(
      { code: 'OVERLOADED', retryAfterSeconds: 30 },
      'The broker has no room for more: send the same again later.',
      error,
      log,
    );
  }
  if (isTransient(error) || isConnectionClosed(error) || brokenConnection.test(code)) {
    return rendered(unavailable, 'A part this needs does not answer: send the same again later.', error, log);
  }
  return undefined;
}

function rendered({ code, retryAfterSeconds }: Rendering, detail: string, cause: unknown, log: Logger): ProblemError {
  if (code === 'UNAVAILABLE') log.warn({ err: cause }, 'a part of the system does not answer');
  const issues =
    code === 'INVALID_INPUT' ? [{ in: 'body', path: '', code: 'unreadable', message: detail } as const] : [];
  return new ProblemError(code, detail, issues.length > 0 ? { issues } : {}, {
    cause,
    ...(retryAfterSeconds !== undefined && retryAfter(retryAfterSeconds)),
  });
}

function incidentOf(error: unknown, log: Logger): ProblemError {
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
