/** What is wrong with a duration, a zone or a result; `code` is stable. */
export type CalendarErrorCode = 'INVALID_DURATION' | 'UNKNOWN_ZONE' | 'INVALID_INSTANT' | 'OUT_OF_RANGE';

/** A calendar calculation that cannot be made: the caller passed something that validation should have refused. */
export class CalendarError extends Error {
  override readonly name = 'CalendarError';
  readonly code: CalendarErrorCode;

  constructor(code: CalendarErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
