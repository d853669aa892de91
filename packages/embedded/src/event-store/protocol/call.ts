import { messageOf } from '../errors.ts';

/**
 * One call, as the handlers see it, whatever carries it. Every handler has the same shape: requests come in, responses
 * go out, and returning ends the call; a unary call is one request and one response.
 */
export interface Call {
  readonly requests: AsyncIterable<Buffer>;
  /** Aborted when the client has gone or the server shuts down. */
  readonly signal: AbortSignal;
  /** Sends a response. False: the client reads too slowly; await {@link drained} before sending more. */
  send(message: Uint8Array): boolean;
  /** Resolves when more may be sent, or the call was aborted. */
  drained(): Promise<void>;
}

/** Serves one method. A thrown {@link RpcError} is what the client is told; any other error is an internal one. */
export type Handler = (call: Call) => Promise<void>;

/** The status codes of gRPC that this server answers with. */
export const Status = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
} as const;

/** One of {@link Status}. */
export type StatusCode = (typeof Status)[keyof typeof Status];

/** Ends a call with a status other than OK; `trailers` tell the client which of its error classes to use. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: StatusCode;
  readonly trailers: Readonly<Record<string, string>>;

  constructor(code: StatusCode, message: string, trailers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.trailers = trailers;
  }
}

/** What a client is told about any error a handler ends with. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  return new RpcError(Status.UNKNOWN, `The event store failed inside: ${messageOf(error)}`);
}

/** Refuses a request that no valid client would send. */
export function invalidArgument(message: string, trailers?: Readonly<Record<string, string>>): RpcError {
  return new RpcError(Status.INVALID_ARGUMENT, message, trailers);
}

/** Refuses an operation on a tombstoned stream. */
export function streamDeleted(stream: string): RpcError {
  return new RpcError(Status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': headerValue(stream),
  });
}

/** Refuses a write whose events together are larger than the limit. */
export function appendTooLarge(bytesMax: number): RpcError {
  return invalidArgument(`Maximum Append Size of ${bytesMax} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(bytesMax),
  });
}

/** The only request of a unary call. */
export async function onlyRequest(call: Call): Promise<Buffer> {
  for await (const request of call.requests) return request;
  throw invalidArgument('The call ended before its request.');
}

// HTTP/2 header values are visible ASCII.
/** A text as a trailer's value. */
export function headerValue(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}
