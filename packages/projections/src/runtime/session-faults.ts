import { DatabaseTooNewError } from '../errors.ts';
import { CheckpointMovedError } from '../set/checkpoint.ts';
import { isMissingTable } from '../sql/questions.ts';
import { ForeignLogError } from './log-identity.ts';

/** Trying again cannot help. */
export function isFatal(error: unknown): boolean {
  return error instanceof ForeignLogError || error instanceof DatabaseTooNewError;
}

/** The sets are not what they were when the session began. */
export function mustReopen(error: unknown): boolean {
  return error instanceof CheckpointMovedError || isMissingTable(error);
}

/** Either of them. */
export function mustEndSession(error: unknown): boolean {
  return isFatal(error) || mustReopen(error);
}

/** The read models are of another log than the event store holds. */
export function foreignLogError(found: string, actual: string): ForeignLogError {
  return new ForeignLogError(
    `The read models were built from log ${found}, and the event store holds log ${actual}; ` +
      'correct DATABASE_URL or EVENTSTORE_URL, or drop the schemas perennial and perennial_set_*.',
  );
}
