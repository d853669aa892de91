import type { z } from '@hono/zod-openapi';
import type { dueSchema, inStateSchema } from '../../http/schemas/audit.ts';
import { apiPath } from '../client.ts';
import type { CommandAction } from '../command.ts';
import { renderHistory } from '../history-render.ts';
import { inLog } from '../history-sources.ts';
import { instantOf, whenOf } from '../instants.ts';
import { table } from '../output.ts';

type InState = z.infer<typeof inStateSchema>;
type Due = z.infer<typeof dueSchema>;
type Query = Readonly<Record<string, string | undefined>>;

/** `audit in-state` */
export const inState: CommandAction = async (context, [status]) => {
  const query = { status, tenant: context.option('tenant'), ...whenOf(context) };
  const pages = await pagesOf((after) =>
    context.client().send<InState>('GET', apiPath('audit', 'in-state'), {
      query: { ...query, after },
    }),
  );
  const subscriptions = pages.flatMap((page) => page.subscriptions);
  await context.answer({ subscriptions, asOfPosition: pages.at(-1)?.asOfPosition }, () =>
    subscriptions.length === 0
      ? 'No subscription was in that state.'
      : table(
          ['subscription', 'plan', 'status', 'since', 'next'],
          subscriptions.map((row) => [
            `${row.tenant}/${row.subscriptionId}`,
            row.planId,
            row.status,
            row.since,
            row.deadline === null ? null : `${row.deadline.kind} ${row.deadline.at}`,
          ]),
        ),
  );
};

/** `audit due` */
export const due: CommandAction = async (context, [from, to]) => {
  const query = { from: instantOf(from), to: instantOf(to), tenant: context.option('tenant'), ...whenOf(context) };
  const pages = await pagesOf((after) =>
    context.client().send<Due>('GET', apiPath('audit', 'due'), {
      query: { ...query, after },
    }),
  );
  const rows = pages.flatMap((page) => page.due).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  await context.answer({ due: rows, asOfPosition: pages.at(-1)?.asOfPosition }, () =>
    rows.length === 0
      ? 'Nothing falls due in that time.'
      : table(
          ['at', 'subscription', 'deadline', 'from', 'to'],
          rows.map((row) => [row.at, `${row.tenant}/${row.subscriptionId}`, row.kind, row.from, row.to]),
        ),
  );
};

/** `audit find` */
export const find: CommandAction = async (context) => {
  const plain = ['payment', 'invoice', 'charge', 'key', 'user', 'person', 'type', 'tenant'] as const;
  const query: Query = {
    ...Object.fromEntries(plain.map((name) => [name, context.option(name)])),
    actor: context.option('by'),
    commandId: context.option('command-id'),
    correlationId: context.option('correlation-id'),
    eventId: context.option('event-id'),
    from: instantOf(context.option('from')),
    to: instantOf(context.option('to')),
    knownAt: instantOf(context.option('known-at')),
  };
  const found = await inLog(context.client(), apiPath('audit', 'find'), query).readOn();
  await context.answer(found, () => renderHistory(found.events, found.people));
};

/** All pages of a search. */
async function pagesOf<Page extends { readonly next: string | null }>(
  read: (after: string | undefined) => Promise<Page>,
): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for (let next: string | null = null; pages.length === 0 || next !== null; next = pages.at(-1)?.next ?? null) {
    pages.push(await read(next ?? undefined));
  }
  return pages;
}
