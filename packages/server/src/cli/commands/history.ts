import { setTimeout as delay } from 'node:timers/promises';
import type { z } from '@hono/zod-openapi';
import type { historySchema } from '../../http/schemas/history.ts';
import { apiPath, type ApiClient } from '../client.ts';
import type { CommandAction, CommandContext } from '../command.ts';
import { instantOf } from '../instants.ts';
import { table } from '../output.ts';
import { subscriptionRef } from '../subscription-ref.ts';

type History = z.infer<typeof historySchema>;
type Entry = History['events'][number];

const pollMs = 1000;

/** `history` */
export const history: CommandAction = async (context, [argument]) => {
  const { tenant, subscriptionId } = subscriptionRef(argument, context);
  const path = apiPath('tenants', tenant, 'subscriptions', subscriptionId, 'history');
  const client = context.client();
  const wanted = filterOf(context);
  const asked = { knownAt: instantOf(context.option('known-at')), include: context.option('include') };
  const all = await readAll(client, path, 0, asked);
  const events = all.events.filter(wanted);
  await context.answer({ ...all, events }, () => render(events, all.people));
  if (context.flag('follow')) await follow(context, client, path, all, asked);
};

/** What held by `--at`, included; what was recorded by `--known-at` the server knows. */
function filterOf(context: CommandContext): (entry: Entry) => boolean {
  const at = instantOf(context.option('at'));
  return ({ effectiveAt }) => at === undefined || effectiveAt <= at;
}

type Asked = { readonly knownAt: string | undefined; readonly include: string | undefined };

async function readAll(client: ApiClient, path: string, fromRevision: number, asked: Asked): Promise<History> {
  const events: Entry[] = [];
  const people: Record<string, string> = {};
  const erased = new Set<string>();
  let from: number | null = fromRevision;
  let page: History | undefined;
  while (from !== null) {
    page = await client.send<History>('GET', path, { query: { from: String(from), ...asked } });
    events.push(...page.events);
    Object.assign(people, page.people);
    for (const id of page.erased) erased.add(id);
    from = page.next;
  }
  return { events, people, erased: [...erased], next: null, asOfPosition: page?.asOfPosition ?? '0' };
}

/** Shows what is added, until the command is interrupted. */
async function follow(
  context: CommandContext,
  client: ApiClient,
  path: string,
  shown: History,
  asked: Asked,
): Promise<void> {
  const { signal } = context.terminal;
  let next = afterOwn(shown.events);
  while (!signal.aborted) {
    const { events, people } = await readAll(client, path, next, asked);
    for (const entry of events) {
      context.terminal.print(context.flag('json') ? JSON.stringify(entry) : line(entry, people));
    }
    next = Math.max(next, afterOwn(events));
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** The revision behind the last event of the subscription itself; others are woven in. */
function afterOwn(events: readonly Entry[]): number {
  return (events.findLast(({ stream }) => stream.startsWith('subscription-'))?.revision ?? -1) + 1;
}

async function render(events: readonly Entry[], people: History['people']): Promise<string> {
  if (events.length === 0) return 'Nothing happened in that time.';
  return table(
    ['#', 'event', 'effective', 'recorded', 'by', 'because', 'data'],
    events.map((entry) => [
      entry.revision,
      `${entry.type}${marksOf(entry)}`,
      entry.effectiveAt,
      entry.recordedAt,
      whoOf(entry.actor),
      whyOf(entry),
      dataOf(entry, people),
    ]),
  );
}

function line(entry: Entry, people: History['people']): string {
  return `${entry.revision}  ${entry.effectiveAt}  ${entry.type}  ${whoOf(entry.actor)}  ${dataOf(entry, people)}`;
}

/** What became of it: below its type. */
function marksOf({ undoneBy, correctedBy }: Entry): string {
  return [
    ...(undoneBy === null ? [] : [`\n  undone by #${undoneBy.revision}`]),
    ...correctedBy.map(({ revision }) => `\n  corrected by #${revision}`),
  ].join('');
}

/** The chain of causes, one to a line. */
function whyOf({ because }: Entry): string {
  return because
    .map((cause) => {
      if (cause.kind === 'deadline') return `${cause.deadline} due`;
      if (cause.kind === 'event') return `#${cause.event.revision} ${cause.event.type}`;
      if (cause.kind === 'payment') return `${cause.fact} ${cause.provider}/${cause.object}`;
      return `${whoOf(cause.actor)}${cause.command === null ? '' : ` ${cause.command}`}`;
    })
    .join('\n');
}

function whoOf(actor: Entry['actor']): string {
  return `${actor.type}:${actor.userId ?? actor.id}`;
}

/** The data in short: one field to a line, people by their user ids. */
function dataOf({ data }: Entry, people: History['people']): string {
  return Object.entries(data)
    .map(([name, value]) => {
      const text = typeof value === 'string' ? (people[value] ?? value) : JSON.stringify(value);
      return `${name}: ${text.length > 60 ? `${text.slice(0, 59)}…` : text}`;
    })
    .join('\n');
}
