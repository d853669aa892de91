/**
 * What a command sees of the world around it: so that tests need no process.
 *
 * @module
 */

/** Input, output and environment of a command. */
export type Terminal = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Writes a line to standard output. */
  print(line: string): void;
  /** Writes a line to standard error. */
  complain(line: string): void;
  /** The whole of standard input. */
  readInput(): Promise<string>;
  /** Whether a person watches. */
  readonly interactive: boolean;
  /** Aborts when the command should end (SIGINT). */
  readonly signal: AbortSignal;
};

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const interrupted = new AbortController();
  return {
    env: process.env,
    workingDirectory: process.cwd(),
    print: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
    readInput: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString('utf8');
    },
    interactive: process.stderr.isTTY && process.stdout.isTTY,
    // The handler is set only when a command asks: a handler nobody listens to would swallow Ctrl-C.
    get signal() {
      process.once('SIGINT', () => interrupted.abort());
      return interrupted.signal;
    },
  };
}
