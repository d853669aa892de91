import { setTimeout as delay } from 'node:timers/promises';
import type { z } from '@hono/zod-openapi';
import type { historySchema } from '../../http/schemas/history.ts';
import { apiPath, type ApiClient } from '../client.ts';
import { CliError } from '../cli-error.ts';
import type { CommandAction, CommandContext } from '../command.ts';
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
  const all = await readAll(client, path, 0);
  const events = all.events.filter(wanted);
  await context.answer({ ...all, events }, () => render(events, all.people));
  if (context.flag('follow')) await follow(context, client, path, all);
};

/** What held by `--at` and was recorded by `--known-at`, both included. */
function filterOf(context: CommandContext): (entry: Entry) => boolean {
  const at = instantOf(context.option('at'));
  const knownAt = instantOf(context.option('known-at'));
  return ({ effectiveAt, recordedAt }) =>
    (at === undefined || effectiveAt <= at) && (knownAt === undefined || recordedAt <= knownAt);
}

function instantOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const epochMs = Date.parse(text);
  if (Number.isNaN(epochMs)) {
    throw new CliError('USAGE', `"${text}" is not an instant.`, ['Write it so: 2027-06-01T00:00:00Z']);
  }
  return new Date(epochMs).toISOString();
}

async function readAll(client: ApiClient, path: string, fromRevision: number): Promise<History> {
  const events: Entry[] = [];
  const people: Record<string, string> = {};
  let from: number | null = fromRevision;
  let page: History | undefined;
  while (from !== null) {
    page = await client.send<History>('GET', path, { query: { from: String(from) } });
    events.push(...page.events);
    Object.assign(people, page.people);
    from = page.next;
  }
  return { events, people, next: null, asOfPosition: page?.asOfPosition ?? '0' };
}

/** Shows what is added, until the command is interrupted. */
async function follow(context: CommandContext, client: ApiClient, path: string, shown: History): Promise<void> {
  const { signal } = context.terminal;
  let next = (shown.events.at(-1)?.revision ?? -1) + 1;
  while (!signal.aborted) {
    const { events, people } = await readAll(client, path, next);
    for (const entry of events) {
      context.terminal.print(context.flag('json') ? JSON.stringify(entry) : line(entry, people));
    }
    next += events.length;
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

async function render(events: readonly Entry[], people: History['people']): Promise<string> {
  if (events.length === 0) return 'Nothing happened in that time.';
  return table(
    ['#', 'event', 'effective', 'recorded', 'by', 'data'],
    events.map((entry) => [
      entry.revision,
      entry.type,
      entry.effectiveAt,
      entry.recordedAt,
      whoOf(entry),
      dataOf(entry, people),
    ]),
  );
}

function line(entry: Entry, people: History['people']): string {
  return `${entry.revision}  ${entry.effectiveAt}  ${entry.type}  ${whoOf(entry)}  ${dataOf(entry, people)}`;
}

function whoOf({ actor }: Entry): string {
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
