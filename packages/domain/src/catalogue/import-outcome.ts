/** Something odd in a file, and what was done about it. */
export type OddityCode =
  | 'BYTE_ORDER_MARK'
  | 'WHITESPACE_TRIMMED'
  | 'INVALID_ROW'
  | 'EMPTY_NAME'
  | 'DUPLICATE_ROW'
  | 'DUPLICATE_APP'
  | 'PLAN_NAME_VARIES'
  | 'PLAN_ID_REWRITTEN'
  | 'PLAN_ID_REUSED'
  | 'APP_NAME_VARIES'
  | 'APP_CODE_VARIES';

/** See {@link OddityCode}. `line` counts from 1. */
export type Oddity = { readonly line: number; readonly code: OddityCode; readonly message: string };

/** Why a file cannot be imported at all; `code` is stable. */
export type CatalogueImportErrorCode = 'FILE_TOO_LARGE' | 'MALFORMED_CSV' | 'UNKNOWN_COLUMNS' | 'NO_PLANS';

/** A file that is no catalogue. */
export class CatalogueImportError extends Error {
  override readonly name = 'CatalogueImportError';
  readonly code: CatalogueImportErrorCode;

  constructor(code: CatalogueImportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
