/** Why the event store could not start, or had to stop. */
export type EventStoreErrorCode =
  | 'DATA_DIRECTORY_IN_USE'
  | 'DATA_DIRECTORY_UNUSABLE'
  | 'DATA_FILE_DAMAGED'
  | 'PORT_IN_USE'
  | 'COMMIT_FAILED'
  | 'START_FAILED';

/** A fault of the embedded event store that its operator can act on. */
export class EmbeddedEventStoreError extends Error {
  override readonly name = 'EmbeddedEventStoreError';
  readonly code: EventStoreErrorCode;

  constructor(code: EventStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The system's code of an error (`EACCES`, `EADDRINUSE`, …), where it has one. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What an unknown thrown value says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
