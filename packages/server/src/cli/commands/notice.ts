import type { z } from '@hono/zod-openapi';
import type { noticesSchema, upcomingSchema } from '../../http/schemas/notices.ts';
import { apiPath } from '../client.ts';
import { CliError } from '../cli-error.ts';
import type { CommandAction } from '../command.ts';
import { table } from '../output.ts';
import { subscriptionRef } from '../subscription-ref.ts';

/** `notice list` */
export const list: CommandAction = async (context, [where = '']) => {
  const [tenant, subscriptionId] = where.split('/');
  const path =
    subscriptionId === undefined
      ? apiPath('tenants', tenant ?? '', 'notices')
      : apiPath('tenants', tenant ?? '', 'subscriptions', subscriptionId, 'notices');
  const answer = await context.client().send<z.infer<typeof noticesSchema>>('GET', path, {
    query: { status: context.option('status'), limit: context.option('limit') },
  });
  await context.answer(answer, () =>
    answer.notices.length === 0
      ? 'No notices.'
      : table(
          ['subscription', 'notice', 'status', 'due', 'send by', 'subject'],
          answer.notices.map((notice) => [
            notice.subscriptionId,
            notice.noticeId,
            notice.status,
            notice.dueAt,
            notice.sendBy,
            notice.text.subject,
          ]),
        ),
  );
};

/** `notice sent` and `notice failed` */
function report(outcome: 'sent' | 'failed'): CommandAction {
  return async (context, [ref = '', noticeId = '']) => {
    const { tenant, subscriptionId } = subscriptionRef(ref, context);
    const failure = context.option('failure');
    if (outcome === 'failed' && failure === undefined) {
      throw new CliError('USAGE', 'A failure needs its code.', ['Add --failure MAILBOX_FULL or another code.']);
    }
    const path = apiPath('tenants', tenant, 'subscriptions', subscriptionId, 'notices', noticeId, outcome);
    const body =
      outcome === 'sent' ? { reference: context.option('reference') } : { failure, final: context.flag('final') };
    const answer = await context
      .client()
      .send<{ readonly status: string; readonly recorded: boolean }>('POST', path, { body });
    await context.answer(answer, () => `${noticeId} is ${answer.status}${answer.recorded ? '' : ' already'}.`);
  };
}

/** `notice sent` */
export const sent = report('sent');

/** `notice failed` */
export const failed = report('failed');

/** `subscription upcoming` */
export const upcoming: CommandAction = async (context, [ref = '']) => {
  const { tenant, subscriptionId } = subscriptionRef(ref, context);
  const path = apiPath('tenants', tenant, 'subscriptions', subscriptionId, 'upcoming');
  const answer = await context.client().send<z.infer<typeof upcomingSchema>>('GET', path);
  await context.answer(answer, () =>
    answer.upcoming.length === 0
      ? 'Nothing will happen by itself.'
      : table(
          ['at', 'deadline', 'from', 'to'],
          answer.upcoming.map(({ at, kind, from, to }) => [at, kind, from, to]),
        ),
  );
};
