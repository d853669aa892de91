/** A fault of the read side that an operator or a caller acts on. */
class ProjectionError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The read model did not reach the asked position in time: ask again, or without `minPosition`. */
export class ReadModelBehindError extends ProjectionError {
  constructor(
    readonly minPosition: bigint,
    readonly asOfPosition: bigint,
    waitedMs: number,
  ) {
    super(
      'READ_MODEL_BEHIND',
      `The read model is at ${asOfPosition} and did not reach ${minPosition} within ${waitedMs} ms; repeat the read in a moment, or leave minPosition out.`,
    );
  }
}

/** The rows that are there are of an older release and mean something else: reads wait until this release's are built. */
export class ReadModelRebuildingError extends ProjectionError {
  constructor(because: string) {
    super(
      'READ_MODEL_BEHIND',
      `The read models are being built anew for this release (${because}); repeat the read when they are, see projection list.`,
    );
  }
}

/** The database does not answer. */
export class DatabaseUnreachableError extends ProjectionError {
  constructor(address: string, cause: unknown) {
    super('DATABASE_UNREACHABLE', `PostgreSQL at ${address} does not answer; check DATABASE_URL and that it runs.`, {
      cause,
    });
  }
}

/** The database refuses the user, the password or the database's name. */
export class DatabaseRefusedError extends ProjectionError {
  constructor(address: string, cause: unknown) {
    super(
      'DATABASE_REFUSED',
      `PostgreSQL at ${address} refused the connection (${cause instanceof Error ? cause.message : String(cause)}); check user, password and database in DATABASE_URL.`,
      { cause },
    );
  }
}

/** The database is older than what the SQL is written for. */
export class DatabaseTooOldError extends ProjectionError {
  constructor(version: string, needed: number) {
    super('DATABASE_TOO_OLD', `PostgreSQL ${version} is too old; version ${needed} or newer is needed.`);
  }
}

/** The database was migrated by a newer release. */
export class DatabaseTooNewError extends ProjectionError {
  constructor(found: number, known: number) {
    super(
      'DATABASE_TOO_NEW',
      `The read database has migration ${found} and this release knows ${known}; start the newer release, or drop the schemas: read models are rebuilt from the log.`,
    );
  }
}
