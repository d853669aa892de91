/** The part of pino's logger that the write side uses. Never given a payment's content, a user id or free text. */
export type Logger = {
  debug(context: object, message: string): void;
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
};

/** Says nothing: for tests and for callers that do not care. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
