import { CliError } from './cli-error.ts';
import type { CommandContext } from './command.ts';

/** An instant as the API takes it; undefined when none was given. @throws CliError `USAGE` */
export function instantOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const epochMs = Date.parse(text);
  if (Number.isNaN(epochMs)) {
    throw new CliError('USAGE', `"${text}" is not an instant.`, ['Write it so: 2027-06-01T00:00:00Z']);
  }
  return new Date(epochMs).toISOString();
}

/** `--at` and `--known-at`. @throws CliError `USAGE` */
export function whenOf(context: Pick<CommandContext, 'option'>): {
  readonly at: string | undefined;
  readonly knownAt: string | undefined;
} {
  return { at: instantOf(context.option('at')), knownAt: instantOf(context.option('known-at')) };
}
