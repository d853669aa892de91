import type { CommandAction } from '../command.ts';
import { CliError } from '../cli-error.ts';

/** `demo` */
export const demo: CommandAction = async () => {
  throw new CliError('NOT_AVAILABLE_YET', '"perennial demo" is not available yet.', ['See perennial --help.'], {
    exitCode: 2,
  });
};
