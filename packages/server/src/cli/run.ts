/**
 * Reads the command line, runs the command, and turns whatever goes wrong into a code, a sentence and a next step.
 *
 * @module
 */
import { CliError } from './cli-error.ts';
import { createApiClient } from './client.ts';
import type { CliCommand, CliEntry, CommandContext } from './command.ts';
import { parseCommandLine } from './command-line.ts';
import { serverUrl } from './server-address.ts';
import { cliTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Runs one command. Answers the exit code; undefined when the process goes on (`start`). */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number | undefined> {
  try {
    const { entry, level, rest } = find(argv);
    const parsed = parseCommandLine(level, entry === undefined ? cliTable : commandsOf(entry), rest, terminal);
    if (parsed.kind === 'help') return 0;
    const context = contextOf(parsed, terminal);
    const action = await parsed.command.load();
    const code = await action(context, parsed.args);
    return parsed.command.name === 'start' ? undefined : (code ?? 0);
  } catch (error) {
    return report(error, argv.includes('--json'), terminal);
  }
}

type Found = { readonly entry: CliEntry | undefined; readonly level: string; readonly rest: readonly string[] };

/** Finds the group a command belongs to; a single command is found by the parser of the top level. */
function find(argv: readonly string[]): Found {
  const [first] = argv;
  const entry = cliTable.find(({ kind, name }) => kind === 'group' && name === first);
  return entry === undefined
    ? { entry, level: 'perennial', rest: argv }
    : { entry, level: `perennial ${entry.name}`, rest: argv.slice(1) };
}

function commandsOf(entry: CliEntry): readonly CliCommand[] {
  return entry.kind === 'group' ? entry.commands : [entry];
}

type Parsed = Extract<ReturnType<typeof parseCommandLine>, { kind: 'command' }>;

function contextOf({ option, options, flag }: Parsed, terminal: Terminal): CommandContext {
  return {
    terminal,
    option,
    options,
    flag,
    client: () =>
      createApiClient({
        url: serverUrl(option('url'), terminal.env, terminal.workingDirectory),
        token: option('token') ?? terminal.env['PERENNIAL_TOKEN'],
        actor: option('actor'),
        roles: option('roles'),
      }),
    answer: async (data, render) => {
      terminal.print(flag('json') ? JSON.stringify(data, null, 2) : await render());
    },
  };
}

function report(error: unknown, asJson: boolean, terminal: Terminal): number {
  const shown = error instanceof CliError ? error : unexpected(error);
  if (asJson) {
    terminal.complain(JSON.stringify(shown.problem ?? { code: shown.code, detail: shown.message, next: shown.next }));
  } else {
    terminal.complain(`${shown.code}: ${shown.message}`);
    for (const step of shown.next) terminal.complain(`  → ${step}`);
  }
  return shown.exitCode;
}

function unexpected(error: unknown): CliError {
  const code =
    typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
      ? error.code
      : 'UNEXPECTED';
  const message = error instanceof Error ? error.message : String(error);
  return new CliError(code, message, ['Run "perennial doctor", and look into the log of the server.'], {
    cause: error,
  });
}
