import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { z } from '@hono/zod-openapi';
import type { catalogueImportSchema } from '../../http/schemas/views.ts';
import { apiPath } from '../client.ts';
import { CliError } from '../cli-error.ts';
import type { CommandAction } from '../command.ts';
import { table } from '../output.ts';

const oddityCountShown = 20;

/** `catalogue import` */
export const importCsv: CommandAction = async (context, [file = '']) => {
  const path = resolve(context.terminal.workingDirectory, file);
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CliError('FILE_UNREADABLE', `${path} cannot be read.`, ['Check the path.'], { cause: error });
  });
  const answer = await context
    .client()
    .send<z.infer<typeof catalogueImportSchema>>('POST', apiPath('admin', 'catalogue'), {
      text: { mediaType: 'text/csv', content },
      timeoutMs: 120_000,
    });
  await context.answer(answer, async () => {
    const headline = `Catalogue version ${answer.version} has ${answer.planCount} plans.`;
    if (answer.oddities.length === 0) return headline;
    const shown = answer.oddities.slice(0, oddityCountShown);
    const more = answer.oddities.length - shown.length;
    return `${headline} ${answer.oddities.length} lines were odd:\n${await table(
      ['line', 'code', 'what'],
      shown.map(({ line, code, message }) => [line, code, message]),
    )}${more === 0 ? '' : `\nand ${more} more; --json shows them all.`}`;
  });
};
