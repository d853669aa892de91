import {
  AccessDeniedError as ClientAccessDenied,
  CancelledError,
  DeadlineExceededError,
  InvalidArgumentError,
  MaxAppendSizeExceededError,
  NotLeaderError,
  StreamDeletedError as ClientStreamDeleted,
  TimeoutError,
  UnavailableError,
} from '@eventstore/db-client';
import { TimedOutError } from './backoff.ts';
import { EventStoreError, EventStoreErrorCode } from './errors.ts';

/**
 * What to do about a failure (architecture: failure): `transient` = try the same again; `poison` = this request can never
 * succeed, park it; `fatal` = nothing can succeed until a person acts, stop loudly.
 */
export type FailureClass = 'transient' | 'poison' | 'fatal';

/**
 * gRPC status codes that no repetition can change. Every other may pass, also the plain `Error` with code 14 that the
 * client throws while it has no connection yet.
 */
const poisonCodes: readonly (number | undefined)[] = [3 /* INVALID_ARGUMENT */];
const fatalCodes: readonly (number | undefined)[] = [
  7 /* PERMISSION_DENIED */, 12 /* UNIMPLEMENTED */, 16 /* UNAUTHENTICATED */,
];

/** Classifies any error that comes out of this package or out of the client below it. Unknown errors are transient. */
export function classifyFailure(error: unknown): FailureClass {
  if (error instanceof EventStoreError) return classOfCode(error.code);
  if (isTransientOfClient(error)) return 'transient';
  if (error instanceof ClientAccessDenied) return 'fatal';
  if (error instanceof ClientStreamDeleted || error instanceof MaxAppendSizeExceededError) return 'poison';
  if (error instanceof InvalidArgumentError) return 'poison';
  const code = grpcCodeOf(error);
  if (poisonCodes.includes(code)) return 'poison';
  return fatalCodes.includes(code) ? 'fatal' : 'transient';
}

function classOfCode(code: EventStoreError['code']): FailureClass {
  switch (code) {
    case EventStoreErrorCode.unavailable:
    case EventStoreErrorCode.overloaded:
      return 'transient';
    case EventStoreErrorCode.appendTooLarge:
    case EventStoreErrorCode.invalidEvent:
    case EventStoreErrorCode.undecodableEvent:
    case EventStoreErrorCode.streamDeleted:
    case EventStoreErrorCode.requestRefused:
      return 'poison';
    case EventStoreErrorCode.url:
    case EventStoreErrorCode.alreadyOpen:
    case EventStoreErrorCode.closed:
    case EventStoreErrorCode.accessDenied:
    case EventStoreErrorCode.incompatible:
    case EventStoreErrorCode.registry:
      return 'fatal';
    default:
      return code satisfies never;
  }
}

function isTransientOfClient(error: unknown): boolean {
  return [TimedOutError, TimeoutError, DeadlineExceededError, UnavailableError, CancelledError, NotLeaderError].some(
    (transient) => error instanceof transient,
  );
}

function grpcCodeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}
