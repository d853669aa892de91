function sqlState(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The schema or table is not there: not made yet, or dropped. */
export function isMissingTable(error: unknown): boolean {
  return ['42P01', '3F000'].includes(sqlState(error));
}

/** The database cannot take these values (data exception, constraint, a limit of an index): others would do. */
export function isDataError(error: unknown): boolean {
  return /^(22|23|54)...$/.test(sqlState(error));
}

/** The database ended the transaction because of others beside it (a deadlock): the same again may succeed. */
export function isRolledBackByChance(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlState(error));
}
