/**
 * Where a history comes from: a subscription's stream, page by page of its revisions, or what lies in several streams, page by
 * page of the log.
 *
 * @module
 */
import type { z } from '@hono/zod-openapi';
import type { foundEventsSchema } from '../http/schemas/audit.ts';
import type { historySchema } from '../http/schemas/history.ts';
import { apiPath, type ApiClient } from './client.ts';
import { CliError } from './cli-error.ts';
import type { CommandContext } from './command.ts';
import { instantOf } from './instants.ts';
import { subscriptionRef, tenantOf } from './subscription-ref.ts';

type History = z.infer<typeof historySchema>;
type Found = z.infer<typeof foundEventsSchema>;

/** Events, and who the people in them are. */
export type HistoryEvents = Pick<History, 'events' | 'people' | 'erased' | 'asOfPosition'> & {
  /** Kinds of other streams of which a later question may know more. */
  readonly incomplete?: readonly string[];
};

/** Reads on: the first time everything, later what was added since; some of it may come again. */
export type HistorySource = { readOn(): Promise<HistoryEvents> };

type Query = Readonly<Record<string, string | undefined>>;

/** The source that the command line names. */
export function historySource(context: CommandContext, argument: string | undefined): HistorySource {
  const client = context.client();
  const knownAt = instantOf(context.option('known-at'));
  const [user, payment, key] = ['user', 'payment', 'key'].map((name) => context.option(name));
  const named = [argument, user, payment, key].filter((name) => name !== undefined);
  if (named.length !== 1) {
    throw new CliError('USAGE', 'Name one thing: a subscription, or --user, --payment or --key.', [
      'See perennial history --help.',
    ]);
  }
  if (user !== undefined) {
    return inLog(client, apiPath('tenants', tenantOf(undefined, context), 'users', user, 'history'), { knownAt });
  }
  if (payment !== undefined) {
    const slash = payment.indexOf('/');
    const path = apiPath('payments', payment.slice(0, Math.max(slash, 0)), payment.slice(slash + 1), 'history');
    return inLog(client, path, { knownAt });
  }
  if (key !== undefined) return inLog(client, apiPath('product-keys', key.slice(-5), 'history'), { knownAt });
  const { tenant, subscriptionId } = subscriptionRef(argument, context);
  const path = apiPath('tenants', tenant, 'subscriptions', subscriptionId, 'history');
  return inStream(client, path, { knownAt, include: context.option('include') });
}

function inStream(client: ApiClient, path: string, query: Query): HistorySource {
  let from = 0;
  return {
    readOn: async () => {
      const pages: History[] = [];
      for (let next: number | null = from; next !== null; next = pages.at(-1)?.next ?? null) {
        pages.push(await client.send<History>('GET', path, { query: { ...query, from: String(next) } }));
      }
      const all = joined(pages);
      const last = all.events.findLast(({ stream }) => stream.startsWith('subscription-'));
      from = last === undefined ? from : last.revision + 1;
      return all;
    },
  };
}

/** Also for searches: pages follow one another through the log. */
export function inLog(client: ApiClient, path: string, query: Query): HistorySource {
  let after: string | undefined;
  return {
    readOn: async () => {
      const pages: Found[] = [];
      for (let next = after ?? null; pages.length === 0 || next !== null; next = pages.at(-1)?.next ?? null) {
        pages.push(await client.send<Found>('GET', path, { query: { ...query, after: next ?? undefined } }));
      }
      // The log was looked at up to there.
      after = pages.at(-1)?.asOfPosition;
      return joined(pages);
    },
  };
}

function joined(pages: readonly HistoryEvents[]): HistoryEvents {
  return {
    events: pages.flatMap(({ events }) => events),
    people: Object.assign({}, ...pages.map(({ people }) => people)) as HistoryEvents['people'], // records all
    erased: [...new Set(pages.flatMap(({ erased }) => erased))],
    incomplete: pages.at(-1)?.incomplete ?? [],
    asOfPosition: pages.at(-1)?.asOfPosition ?? '0',
  };
}
