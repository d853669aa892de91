/** Every reason for which an embedded engine refuses to start or to go on. */
export type EngineErrorCode =
  | 'DATA_DIRECTORY_IN_USE'
  | 'NATS_SERVER_NOT_FOUND'
  | 'NATS_SERVER_BIN_INVALID'
  | 'NATS_SERVER_TOO_OLD'
  | 'BROKER_START_FAILED'
  | 'DATABASE_OPEN_FAILED'
  | 'POSTGRES_NOT_FOUND'
  | 'POSTGRES_START_FAILED'
  | EventStoreErrorCode;

/** Why the embedded event store could not start, or had to stop. */
export type EventStoreErrorCode =
  | 'DATA_DIRECTORY_UNUSABLE'
  | 'DATA_FILE_DAMAGED'
  | 'PORT_IN_USE'
  | 'COMMIT_FAILED'
  | 'EVENT_STORE_START_FAILED';

/** A fault of an embedded engine: `message` says what happened and what to do next, `code` is stable. */
export class EngineError extends Error {
  override readonly name: string = 'EngineError';

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Another live process owns the directory; `ownerPid` names it. */
export class DataDirectoryInUseError extends EngineError {
  override readonly name = 'DataDirectoryInUseError';

  constructor(
    readonly directory: string,
    readonly ownerPid: number,
    options?: ErrorOptions,
  ) {
    super(
      'DATA_DIRECTORY_IN_USE',
      `${directory} is in use by process ${ownerPid}. Stop that process, or choose another directory.`,
      options,
    );
  }
}
