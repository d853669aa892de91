import type { z } from '@hono/zod-openapi';
import type { projectionStatusSchema } from '../../http/schemas/views.ts';
import { apiPath } from '../client.ts';
import type { CommandAction } from '../command.ts';
import { table } from '../output.ts';
import { withProgress } from '../progress.ts';

type Status = z.infer<typeof projectionStatusSchema>;

// Folding the whole log takes as long as the log is long.
const verifyTimeoutMs = 3_600_000;

/** `projection list` */
export const list: CommandAction = async (context) => {
  const answer = await context
    .client()
    .send<{ readonly projections: readonly Status[] }>('GET', apiPath('admin', 'projections'));
  await context.answer(answer, () =>
    table(
      ['projection', 'version', 'state', 'watermark', 'behind'],
      answer.projections.map((row) => [row.name, row.version, row.state, row.watermark, row.lag]),
    ),
  );
};

/** `projection verify`; exit code 1 when something differs */
export const verify: CommandAction = async (context) => {
  const client = context.client();
  const answer = await withProgress(context.terminal, 'Folding the log again', () =>
    client.send<{ readonly equal: boolean; readonly detail: readonly string[] }>(
      'POST',
      apiPath('admin', 'projections', 'verify'),
      { body: {}, timeoutMs: verifyTimeoutMs },
    ),
  );
  await context.answer(answer, () =>
    [answer.equal ? 'The read models equal the log.' : 'The read models differ from the log:', ...answer.detail].join(
      '\n',
    ),
  );
  return answer.equal ? 0 : 1;
};

/** `projection rebuild` */
export const rebuild: CommandAction = async (context) => {
  const client = context.client();
  const answer = await withProgress(context.terminal, 'Building the read models anew', () =>
    client.send<{ readonly started: boolean; readonly detail: string }>(
      'POST',
      apiPath('admin', 'projections', 'rebuild'),
      { body: {}, timeoutMs: verifyTimeoutMs },
    ),
  );
  await context.answer(answer, () => answer.detail);
  return answer.started ? 0 : 1;
};
