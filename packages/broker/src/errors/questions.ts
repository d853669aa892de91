import { ErrorCode, NatsError } from 'nats';

// JetStream's own error numbers (`err_code`), named once so that nobody else compares numbers.
const apiErrors = {
  noSuitablePeers: 10005,
  clusterNotAvailable: 10008,
  consumerNotFound: 10014,
  messageNotFound: 10037,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  subjectsOverlap: 10065,
  wrongLastMessageId: 10070,
  wrongLastSequence: 10071,
  limitReached: 10077,
  wrongLastSequenceConstant: 10164,
  tooManyRequests: 10167,
} as const;

function apiError(error: unknown): number | undefined {
  return error instanceof NatsError ? error.api_error?.err_code : undefined;
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof NatsError && error.api_error === undefined && codes.includes(error.code);
}

/** The expected last sequence (of the stream or of a subject) was another one; newer clusters use a number of their own. */
export function isWrongLastSequence(error: unknown): boolean {
  const code = apiError(error);
  return code === apiErrors.wrongLastSequence || code === apiErrors.wrongLastSequenceConstant;
}

/** The expected id of the stream's last message was another one. */
export function isWrongLastMessageId(error: unknown): boolean {
  return apiError(error) === apiErrors.wrongLastMessageId;
}

/** Nobody listens on the subject: no stream takes it, or its leader is gone. A reached limit looks alike and is not this. */
export function isNoResponders(error: unknown): boolean {
  return hasCode(error, ErrorCode.NoResponders);
}

/** A stream with `discard: new` is full. */
export function isLimitReached(error: unknown): boolean {
  return apiError(error) === apiErrors.limitReached;
}

/** No answer in time: whether the request took effect is unknown. */
export function isTimeout(error: unknown): boolean {
  return hasCode(error, ErrorCode.Timeout);
}

/** The stream does not exist. */
export function isStreamNotFound(error: unknown): boolean {
  return apiError(error) === apiErrors.streamNotFound;
}

/** The consumer does not exist. */
export function isConsumerNotFound(error: unknown): boolean {
  return apiError(error) === apiErrors.consumerNotFound;
}

/** The stream holds no such message. */
export function isMessageNotFound(error: unknown): boolean {
  return apiError(error) === apiErrors.messageNotFound;
}

/** Another stream has that name, with another configuration. */
export function isStreamNameInUse(error: unknown): boolean {
  return apiError(error) === apiErrors.streamNameInUse;
}

/** Another stream already takes these subjects. */
export function isSubjectsOverlap(error: unknown): boolean {
  return apiError(error) === apiErrors.subjectsOverlap;
}

/** A cluster that is still electing its leaders refuses to place a stream. */
export function isClusterNotReady(error: unknown): boolean {
  const code = apiError(error);
  return code === apiErrors.noSuitablePeers || code === apiErrors.clusterNotAvailable;
}

/** The server sheds load; the same request may be sent again later. */
export function isTooManyRequests(error: unknown): boolean {
  return apiError(error) === apiErrors.tooManyRequests;
}

/** This user may not use the subject. */
export function isPermissionViolation(error: unknown): boolean {
  return hasCode(error, ErrorCode.PermissionsViolation);
}

/** The server refused these credentials. */
export function isUnauthorized(error: unknown): boolean {
  return hasCode(
    error,
    ErrorCode.AuthorizationViolation,
    ErrorCode.AuthenticationExpired,
    ErrorCode.AuthenticationTimeout,
    ErrorCode.AccountExpired,
    ErrorCode.BadCreds,
  );
}

/** The message is larger than the server takes. */
export function isPayloadTooLarge(error: unknown): boolean {
  return hasCode(error, ErrorCode.MaxPayloadExceeded);
}

/** The connection is closed for good; only a new one helps. */
export function isConnectionClosed(error: unknown): boolean {
  return hasCode(error, ErrorCode.ConnectionClosed, ErrorCode.ConnectionDraining);
}

/** Sending the same again later may succeed. */
export function isTransient(error: unknown): boolean {
  return (
    isTimeout(error) ||
    isNoResponders(error) ||
    isClusterNotReady(error) ||
    isTooManyRequests(error) ||
    hasCode(error, ErrorCode.Disconnect, ErrorCode.ConnectionRefused, ErrorCode.ConnectionTimeout)
  );
}
