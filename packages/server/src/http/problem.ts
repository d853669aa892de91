/**
 * Errors as clients see them: RFC 9457 `application/problem+json` with a stable `code` (`contract.md`, HTTP).
 *
 * @module
 */
import type { Remedy } from '@perennial/domain';
import type { Context } from 'hono';

/** Every code this server answers with, its status and its title. Codes never change meaning. */
export const problemKinds = {
  INVALID_INPUT: { status: 400, title: 'The input is not valid' },
  CARD_NUMBER_REJECTED: { status: 400, title: 'A card number may not be sent here' },
  SIGNATURE_INVALID: { status: 400, title: 'The signature does not fit the message' },
  UNAUTHENTICATED: { status: 401, title: 'A valid bearer token is needed' },
  FORBIDDEN: { status: 403, title: 'The caller may not do this' },
  NOT_FOUND: { status: 404, title: 'There is nothing here' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The path does not know this method' },
  ALREADY_EXISTS: { status: 409, title: 'The id is taken' },
  REFUSED: { status: 409, title: 'The rules refuse the command' },
  LOG_BROKEN: { status: 409, title: 'The log was altered' },
  CLOCK_NOT_VIRTUAL: { status: 409, title: 'The clock is the system clock' },
  CLOCK_BACKWARDS: { status: 409, title: 'The clock never goes backwards' },
  PARKED_NOT_RETRYABLE: { status: 409, title: 'This parked message cannot be sent again' },
  PROJECTIONS_NOT_READY: { status: 409, title: 'No set of read models is ready for that' },
  VERSION_CONFLICT: { status: 412, title: 'The subscription has changed' },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body has a media type that is not understood' },
  RATE_LIMITED: { status: 429, title: 'Too many attempts' },
  INTERNAL: { status: 500, title: 'An unexpected fault' },
  NOT_IMPLEMENTED_YET: { status: 501, title: 'Not available yet' },
  READ_MODEL_BEHIND: { status: 503, title: 'The read model has not caught up' },
  OVERLOADED: { status: 503, title: 'Too much to do at once' },
  UNAVAILABLE: { status: 503, title: 'A part this needs does not answer' },
  WEBHOOK_NOT_CONFIGURED: { status: 503, title: 'The webhook has no secret to check signatures with' },
} as const;

/** See {@link problemKinds}. */
export type ProblemCode = keyof typeof problemKinds;

/** One thing wrong with the input. */
export type InputIssue = {
  readonly in: 'path' | 'query' | 'header' | 'body';
  /** Dotted path of the field, empty for the whole. */
  readonly path: string;
  readonly code: string;
  readonly message: string;
};

/** Members of a problem beside the standard ones. */
export type ProblemExtras = {
  readonly issues?: readonly InputIssue[];
  readonly reasonCodes?: readonly string[];
  readonly remedies?: readonly Remedy[];
  readonly firstEventId?: string;
  readonly redeemedBy?: string;
  /** What became of each key of an order. */
  readonly keys?: readonly object[];
  readonly subscriptionId?: string;
  readonly actualVersion?: number;
  /** Found in the server's log beside the cause. */
  readonly incident?: string;
};

/** Ends a request with a problem. Thrown inside the HTTP layer only, and rendered by its error handler. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail What happened and what to do next, for people. */
  constructor(
    code: ProblemCode,
    detail: string,
    extras: ProblemExtras = {},
    options: ErrorOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail, options);
    this.code = code;
    this.extras = extras;
    this.headers = options.headers ?? {};
  }
}

/** A problem as a response. `instance` is the path that was asked for. */
export function problemResponse(problem: ProblemError, context: Context): Response {
  const { status, title } = problemKinds[problem.code];
  const body = {
    type: `/docs#problem-${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: problem.message,
    instance: context.req.path,
    ...problem.extras,
  };
  return context.body(JSON.stringify(body), status, {
    ...problem.headers,
    'content-type': 'application/problem+json; charset=utf-8',
  });
}
