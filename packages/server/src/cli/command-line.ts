/**
 * One level of the command line, read with cac.
 *
 * @module
 */
import { cac, type CAC } from 'cac';
import { CliError } from './cli-error.ts';
import type { CliCommand, CliEntry } from './command.ts';
import type { Terminal } from './terminal.ts';

/** What a command line says. */
export type ParsedCommandLine =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'command';
      readonly command: CliCommand;
      readonly args: readonly string[];
      readonly option: (name: string) => string | undefined;
      readonly options: (name: string) => readonly string[];
      readonly flag: (name: string) => boolean;
    };

const sharedOptions = [
  ['--url <url>', 'The server (default: the one that runs on PERENNIAL_DATA)'],
  ['--tenant <tenant>', 'The tenant, where the command needs one'],
  ['--actor <actor>', 'Who calls, for instance user:alice (auth mode none)'],
  ['--roles <roles>', 'Roles of the caller, separated by commas (auth mode none)'],
  ['--token <token>', 'Bearer token (auth mode jwt; default PERENNIAL_TOKEN)'],
  ['--json', 'Print data as JSON'],
] as const;

// cac's parser takes a lone dash, which stands for standard input, as an option without a name.
const dash = '\u0000standard-input';

/**
 * Reads `argv` as a command of this level.
 * @throws CliError `USAGE` for an unknown command or option, or an argument too few or too many
 */
export function parseCommandLine(
  level: string,
  entries: readonly (CliCommand | CliEntry)[],
  argv: readonly string[],
  terminal: Terminal,
): ParsedCommandLine {
  const cli = build(level, entries);
  return printingTo(terminal, () => {
    const { args, options } = cli.parse(['node', level, ...argv.map((part) => (part === '-' ? dash : part))], {
      run: false,
    });
    if (options['help'] === true || argv.length === 0) {
      if (options['help'] !== true) cli.outputHelp();
      return { kind: 'help' };
    }
    const name = cli.matchedCommandName;
    const command = entries.find((entry) => entry.name === name);
    if (command === undefined || !('load' in command)) throw unknownCommand(level, argv[0] ?? '');
    check(cli, level, command.name);
    const options_ = rawOptions(argv);
    return {
      kind: 'command',
      command,
      args: args.map((part) => (part === dash ? '-' : part)),
      option: (wanted) => options_(wanted).at(-1),
      options: options_,
      flag: (wanted) => argv.includes(`--${wanted}`),
    };
  });
}

function build(level: string, entries: readonly (CliCommand | CliEntry)[]): CAC {
  const cli = cac(level);
  for (const entry of entries) {
    if (!('load' in entry)) {
      cli.command(`${entry.name} <command>`, entry.summary);
      continue;
    }
    const command = cli.command([entry.name, entry.args].filter(Boolean).join(' '), entry.summary);
    for (const [flag, description] of [...(entry.options ?? []), ...sharedOptions]) command.option(flag, description);
    for (const example of entry.examples ?? []) command.example(`  $ ${example}`);
  }
  cli.help((sections) => sections.filter(({ title }) => title?.startsWith('For more info') !== true));
  return cli;
}

function check(cli: CAC, level: string, name: string): void {
  try {
    cli.matchedCommand?.checkUnknownOptions();
    cli.matchedCommand?.checkOptionValue();
    cli.matchedCommand?.checkRequiredArgs();
    cli.matchedCommand?.checkUnusedArgs();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CliError('USAGE', `${message}.`, [`See ${level} ${name} --help.`], { cause: error });
  }
}

function unknownCommand(level: string, given: string): CliError {
  return new CliError('USAGE', `"${level}" has no command "${given}".`, [`See ${level} --help.`]);
}

/**
 * Values of options exactly as typed: cac's parser turns `007` into 7 and a lone `1e3` into 1000, which would change
 * tenants and ids.
 */
function rawOptions(argv: readonly string[]): (name: string) => readonly string[] {
  return (name) =>
    argv.flatMap((part, index) => {
      if (part.startsWith(`--${name}=`)) return [part.slice(name.length + 3)];
      const next = argv[index + 1];
      return part === `--${name}` && next !== undefined ? [next] : [];
    });
}

// cac prints help with console.info and knows no other way.
function printingTo<T>(terminal: Terminal, work: () => T): T {
  const { info } = console;
  console.info = (text: string) => terminal.print(text);
  try {
    return work();
  } finally {
    console.info = info;
  }
}
