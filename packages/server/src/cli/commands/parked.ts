import type { z } from '@hono/zod-openapi';
import type { parkedMessageSchema } from '../../http/schemas/views.ts';
import { apiPath } from '../client.ts';
import { CliError } from '../cli-error.ts';
import type { CommandAction } from '../command.ts';
import { fields, table } from '../output.ts';

type Parked = z.infer<typeof parkedMessageSchema>;

/** `parked list` */
export const list: CommandAction = async (context) => {
  const answer = await context
    .client()
    .send<{ readonly parked: readonly Parked[] }>('GET', apiPath('admin', 'parked'), {
      query: { component: context.option('component'), limit: context.option('limit') },
    });
  await context.answer(answer, () =>
    answer.parked.length === 0
      ? 'Nothing is parked.'
      : table(
          ['id', 'component', 'parked', 'subject', 'error', 'attempts'],
          answer.parked.map((row) => [
            row.id,
            row.component,
            row.parkedAt,
            row.subject,
            `${row.error.code}: ${row.error.message}`,
            row.attempts,
          ]),
        ),
  );
};

/** `parked show` */
export const show: CommandAction = async (context, [id = '']) => {
  const row = await context.client().send<Parked>('GET', apiPath('admin', 'parked', id));
  await context.answer(row, () => fields(row));
};

/** `parked retry` */
export const retry: CommandAction = async (context, [id = '']) => {
  const answer = await context
    .client()
    .send<{ readonly handled: number; readonly parkedAgain: number }>('POST', apiPath('admin', 'parked', id, 'retry'), {
      body: {},
    });
  await context.answer(answer, () => `${answer.handled} handled, ${answer.parkedAgain} parked again.`);
};

/** `parked discard` */
export const discard: CommandAction = async (context, [id = '']) => {
  const reason = context.option('reason');
  if (reason === undefined) {
    throw new CliError('USAGE', 'Giving a message up needs a reason.', ['Add --reason "…"; it is recorded.']);
  }
  const answer = await context
    .client()
    .send<{ readonly discarded: boolean }>('POST', apiPath('admin', 'parked', id, 'discard'), { body: { reason } });
  await context.answer(answer, () => `Message ${id} is given up.`);
};
