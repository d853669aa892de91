import { readFile } from 'node:fs/promises';
import type { z } from '@hono/zod-openapi';
import type { catalogueImportSchema, plansSchema } from '../../../http/schemas/views.ts';
import { apiPath } from '../../client.ts';
import { CliError } from '../../cli-error.ts';
import type { Chapter } from '../chapter.ts';
import type { Stage } from '../stage.ts';
import { plans } from './cast.ts';

const importTimeoutMs = 120_000;

/** Imports Microsoft's file, or looks at what is in force. @param csvPath absolute path of the file */
export function catalogueChapter(csvPath: string | undefined): Chapter {
  return {
    id: 'catalogue',
    title: 'The catalogue: plans and their apps',
    about:
      csvPath === undefined
        ? 'What is in force on the server: the shipped sample, unless another catalogue was published.'
        : "Microsoft's list of products and service plans is imported; every event names the catalogue it was decided with.",
    play: async (stage) => {
      const imported = csvPath === undefined ? undefined : await importCsv(stage, csvPath);
      const { plans: known } = await stage.read<z.infer<typeof plansSchema>>(apiPath('catalogue', 'plans'));
      const offered = Object.values(plans).map((planId) => known.find((plan) => plan.planId === planId));
      stage.did('http', 'list the plans', {
        plans: known.length,
        toBuy: offered.flatMap((plan) => (plan ? [`${plan.name} (${plan.planId}): ${plan.apps.length} apps`] : [])),
      });
      if (imported !== undefined) stage.check('every imported plan is offered', known.length, imported.planCount);
      stage.check(
        'the plans that the demo buys are offered',
        offered.map((plan) => plan?.planId),
        Object.values(plans),
      );
    },
  };
}

async function importCsv(stage: Stage, path: string): Promise<z.infer<typeof catalogueImportSchema>> {
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CliError('FILE_UNREADABLE', `${path} cannot be read.`, ['Check the path after --catalogue.'], {
      cause: error,
    });
  });
  const imported = await stage.doors.api.send<z.infer<typeof catalogueImportSchema>>(
    'POST',
    apiPath('admin', 'catalogue'),
    { text: { mediaType: 'text/csv', content }, timeoutMs: importTimeoutMs },
  );
  const { version, planCount, oddities, position } = imported;
  stage.did('http', "import Microsoft's CSV", { version, planCount, oddities: oddities.length, position });
  // From here on every read has seen the import.
  await stage.advance({ advanceBy: 'PT1M' });
  return imported;
}
