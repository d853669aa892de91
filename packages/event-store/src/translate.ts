import {
  AccessDeniedError as ClientAccessDenied,
  MaxAppendSizeExceededError,
  StreamDeletedError as ClientStreamDeleted,
} from '@eventstore/db-client';
import {
  AccessDeniedError,
  AppendTooLargeError,
  EventStoreError,
  EventStoreIncompatibleError,
  EventStoreUnavailableError,
  RequestRefusedError,
  StreamDeletedError,
} from './errors.ts';
import { classifyFailure } from './failure-class.ts';

/**
 * The door's error for a failure that is not tried again, with the client's as its cause.
 * @param action what was tried, as in "read subscription-acme_1".
 */
export function translateFailure(error: unknown, action: string, stream = '$all'): EventStoreError {
  const cause = { cause: error };
  if (error instanceof EventStoreError) return error;
  if (error instanceof ClientStreamDeleted) return new StreamDeletedError(error.streamName || stream, cause);
  if (error instanceof ClientAccessDenied) return new AccessDeniedError(action, cause);
  if (error instanceof MaxAppendSizeExceededError) {
    return new AppendTooLargeError(stream, Number.NaN, error.maxAppendSize, cause);
  }
  const message = error instanceof Error ? error.message : String(error);
  const failure = classifyFailure(error);
  switch (failure) {
    case 'poison':
      return new RequestRefusedError(action, message, cause);
    case 'fatal':
      return new EventStoreIncompatibleError(`could not ${action}: ${message}`, cause);
    case 'transient':
      return new EventStoreUnavailableError(action, message, cause);
    default:
      return failure satisfies never;
  }
}
