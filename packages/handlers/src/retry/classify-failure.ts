import { classifyFailure as classifyStoreFailure, EventStoreError, type FailureClass } from '@perennial/event-store';

export type { FailureClass };

const fatalCodes: ReadonlySet<string> = new Set([
  'EVENT_STORE_OLDER_THAN_PUBLISHED',
  'LOG_MISMATCH',
  'LOG_NOT_CREATED',
  'EVENT_MESSAGE_UNREADABLE',
  'NATS_UNAUTHORIZED',
  'NATS_VERSION_UNSUPPORTED',
]);

const poisonCodes: ReadonlySet<string> = new Set(['PAYMENT_UNREADABLE', 'UNKNOWN_PERSON', 'INVALID_STREAM_PART']);

/**
 * What to do about an error (architecture.md, Processes, scale, failure): a transient one is retried in place, poison is
 * parked after some attempts, a fatal one stops the process. A broken assumption of our own is poison.
 */
export function classifyFailure(error: unknown): FailureClass {
  if (error instanceof EventStoreError) return classifyStoreFailure(error);
  const code = failureCode(error);
  if (fatalCodes.has(code)) return 'fatal';
  if (poisonCodes.has(code)) return 'poison';
  return isProgrammingError(error) ? 'poison' : 'transient';
}

/** The stable code of an error, or its class name. */
export function failureCode(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return error instanceof Error ? error.name : 'UNKNOWN';
}

/** The message of whatever was thrown. */
export function failureMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isProgrammingError(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error instanceof SyntaxError ||
    (error instanceof Error && ['ZodError', 'AssertionError'].includes(error.name))
  );
}
