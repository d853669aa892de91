/** A command that could not be done: shown as code, sentence and next step, without a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  /** What to do next, one line each. */
  readonly next: readonly string[];
  readonly exitCode: number;
  /** The server's whole problem, for `--json`. */
  readonly problem: object | undefined;

  constructor(
    code: string,
    message: string,
    next: readonly string[] = [],
    options: ErrorOptions & { readonly exitCode?: number; readonly problem?: object | undefined } = {},
  ) {
    super(message, options);
    this.code = code;
    this.next = next;
    this.exitCode = options.exitCode ?? 1;
    this.problem = options.problem;
  }
}
