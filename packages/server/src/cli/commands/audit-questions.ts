import type { z } from '@hono/zod-openapi';
import type { diffSchema, policySchema, whySchema } from '../../http/schemas/audit.ts';
import { apiPath } from '../client.ts';
import { CliError } from '../cli-error.ts';
import type { CommandAction, CommandContext } from '../command.ts';
import { instantOf, whenOf } from '../instants.ts';
import { fields, table } from '../output.ts';
import { subscriptionRef } from '../subscription-ref.ts';

/** `audit diff` */
export const diff: CommandAction = async (context, [argument]) => {
  const { tenant, subscriptionId } = subscriptionRef(argument, context);
  const found = await context
    .client()
    .send<z.infer<typeof diffSchema>>('GET', apiPath('tenants', tenant, 'subscriptions', subscriptionId, 'diff'), {
      query: {
        fromAt: instantOf(context.option('from-at')),
        fromKnownAt: instantOf(context.option('from-known-at')),
        toAt: instantOf(context.option('to-at')),
        toKnownAt: instantOf(context.option('to-known-at')),
      },
    });
  await context.answer(found, async () => {
    if (found.changes.length === 0) return 'Nothing differs.';
    const changes = await table(
      ['field', 'before', 'after', 'because of'],
      found.changes.map(({ field, before, after, events }) => [
        field,
        before,
        after,
        events.length === 0 ? 'time' : events.map(({ revision, type }) => `#${revision} ${type}`).join('\n'),
      ]),
    );
    const gone = found.removed.map(({ revision, type }) => `#${revision} ${type}`);
    return gone.length === 0 ? changes : `${changes}\nNo longer counted: ${gone.join(', ')}.`;
  });
};

/** `audit why` */
export const why: CommandAction = async (context, [argument, appId]) => {
  const { tenant, user } = userRef(argument, context);
  const found = await context
    .client()
    .send<z.infer<typeof whySchema>>('GET', apiPath('tenants', tenant, 'users', user, 'apps', appId ?? '', 'why'), {
      query: whenOf(context),
    });
  const language = context.option('language') === 'nl' ? 'nl' : 'en';
  await context.answer(found, () => found.sentences.map((sentence) => sentence[language]).join('\n'));
};

/** `audit policy` */
export const policy: CommandAction = async (context, [argument]) => {
  const { tenant, subscriptionId } = subscriptionRef(argument, context);
  const found = await context
    .client()
    .send<z.infer<typeof policySchema>>('GET', apiPath('tenants', tenant, 'subscriptions', subscriptionId, 'policy'), {
      query: whenOf(context),
    });
  await context.answer(found, () =>
    fields({ profile: found.profile, since: found.since?.effectiveAt, catalogue: found.catalogue, ...found.settings }),
  );
};

/** Reads `<tenant>/<user>`, or the user alone with `--tenant`. A user id may hold slashes: the first one separates. */
export function userRef(
  text: string | undefined,
  context: CommandContext,
): { readonly tenant: string; readonly user: string } {
  const named = context.option('tenant');
  if (named !== undefined && text !== undefined && text !== '') return { tenant: named, user: text };
  const slash = (text ?? '').indexOf('/');
  if (text === undefined || slash < 1 || slash === text.length - 1) {
    throw new CliError('USAGE', `"${text ?? ''}" does not name a user.`, [
      'Write <tenant>/<user>, for instance acme/alice, or give --tenant.',
    ]);
  }
  return { tenant: text.slice(0, slash), user: text.slice(slash + 1) };
}
