/**
 * What a command of the CLI is made of. Descriptions load nothing; what a command does is loaded when it runs, so that
 * help is fast.
 *
 * @module
 */
import type { ApiClient } from './client.ts';
import type { Terminal } from './terminal.ts';

/** What a command is given. */
export type CommandContext = {
  readonly terminal: Terminal;
  /** The client of the running server. */
  readonly client: () => ApiClient;
  /** Text of an option, exactly as typed; undefined when it was not given. */
  readonly option: (name: string) => string | undefined;
  /** Every value of an option that may be given more than once. */
  readonly options: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
  /** Prints the data with `--json`, else what `render` makes of it for people. */
  readonly answer: (data: object, render: () => string | Promise<string>) => Promise<void>;
};

/** Does the command; answers the exit code, or undefined when the process goes on. */
export type CommandAction = (context: CommandContext, args: readonly string[]) => Promise<number | undefined | void>;

/** An option as cac writes it: `--reason <text>`. */
export type CommandOption = readonly [flag: string, description: string];

/** One command. */
export type CliCommand = {
  readonly name: string;
  /** Arguments as cac writes them: `<ref>`, `[tenant]`. */
  readonly args?: string;
  readonly summary: string;
  readonly options?: readonly CommandOption[];
  readonly examples?: readonly string[];
  readonly load: () => Promise<CommandAction>;
};

/** A command, or a group of them under one word. */
export type CliEntry =
  | ({ readonly kind: 'command' } & CliCommand)
  | {
      readonly kind: 'group';
      readonly name: string;
      readonly summary: string;
      readonly commands: readonly CliCommand[];
    };
