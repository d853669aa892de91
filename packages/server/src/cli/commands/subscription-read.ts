import type { z } from '@hono/zod-openapi';
import type { actionsSchema } from '../../http/schemas/actions.ts';
import type { subscriptionSchema, subscriptionsSchema } from '../../http/schemas/views.ts';
import { apiPath } from '../client.ts';
import type { CommandAction } from '../command.ts';
import { fields, table } from '../output.ts';
import { whenOf } from '../instants.ts';
import { subscriptionRef, tenantOf } from '../subscription-ref.ts';

type Subscriptions = z.infer<typeof subscriptionsSchema>;

/** `subscription list` */
export const list: CommandAction = async (context, [argument]) => {
  const tenant = tenantOf(argument, context);
  const client = context.client();
  const subscriptions: Subscriptions['subscriptions'] = [];
  let page: Subscriptions;
  let after: string | undefined;
  do {
    page = await client.send<Subscriptions>('GET', apiPath('tenants', tenant, 'subscriptions'), {
      query: { after, ...whenOf(context) },
    });
    subscriptions.push(...page.subscriptions);
    after = page.next;
  } while (after !== undefined);
  await context.answer({ subscriptions, asOfPosition: page.asOfPosition }, () =>
    subscriptions.length === 0
      ? `Tenant "${tenant}" has no subscriptions.`
      : table(
          ['subscription', 'plan', 'status', 'seats', 'term ends', 'next'],
          subscriptions.map((row) => [
            row.subscriptionId,
            row.planId,
            row.displayStatus,
            `${row.seats.assigned}/${row.seats.purchased}`,
            row.termEnd,
            row.deadline === null ? null : `${row.deadline.kind} ${row.deadline.at}`,
          ]),
        ),
  );
};

/** `subscription show` */
export const show: CommandAction = async (context, [argument]) => {
  const { tenant, subscriptionId } = subscriptionRef(argument, context);
  const row = await context
    .client()
    .send<z.infer<typeof subscriptionSchema>>('GET', apiPath('tenants', tenant, 'subscriptions', subscriptionId), {
      query: whenOf(context),
    });
  await context.answer(row, () =>
    fields({
      subscription: `${row.tenant}/${row.subscriptionId}`,
      plan: row.planId,
      status: row.displayStatus === row.status ? row.status : `${row.displayStatus} (${row.status})`,
      seats: `${row.seats.assigned} of ${row.seats.purchased} assigned`,
      term: row.termStart === null ? null : `${row.termStart} – ${row.termEnd}`,
      'next billing': row.nextBilling,
      'next transition': row.deadline === null ? null : `${row.deadline.kind} at ${row.deadline.at}`,
      'recurring billing': row.recurringBilling,
      'disabled because': row.disabledReasons,
      holds: row.holds.map(({ kind }) => kind),
      'past due': row.pastDue === null ? null : `since ${row.pastDue.since}`,
      trial: row.trial,
      version: row.version,
    }),
  );
};

/** `subscription actions` */
export const actions: CommandAction = async (context, [argument]) => {
  const { tenant, subscriptionId } = subscriptionRef(argument, context);
  const answer = await context
    .client()
    .send<z.infer<typeof actionsSchema>>(
      'GET',
      apiPath('tenants', tenant, 'subscriptions', subscriptionId, 'actions'),
      { query: whenOf(context) },
    );
  const shown = context.flag('all') ? answer.actions : answer.actions.filter(({ available }) => available);
  await context.answer(answer, async () => {
    const hidden = answer.actions.length - shown.length;
    const text = await table(
      ['command', 'available', 'why not', 'needs', 'what to do'],
      shown.map((row) => [
        row.command,
        row.available,
        row.reasonCodes,
        row.needs,
        row.available ? null : row.remedies.map((remedy) => remedy.text.en).join('\n'),
      ]),
    );
    return hidden === 0 ? text : `${text}\n${hidden} more are not available; --all shows why.`;
  });
};
