import { applyDeadlines, licenseRows, subscriptionView, type SubscriptionHeader } from '@perennial/domain';
import type { ReadClock } from '../ports.ts';
import type { ReadAt } from './read-at.ts';
import type { Queries, SubscriptionRow } from './types.ts';

const pageCountMax = 10_000;

/** Reads about subscriptions. Deadlines that passed are applied in memory: a late timer never shows what is over. */
export function subscriptionQueries(
  read: ReadAt,
  clock: ReadClock,
): Pick<Queries, 'subscriptions' | 'subscription' | 'licenses'> {
  return {
    subscriptions: async (tenant, { after = '', limit = pageCountMax, ...options } = {}) => {
      const countMax = Math.max(1, Math.min(limit, pageCountMax));
      const { asOfPosition, rows } = await read<{ header: SubscriptionHeader }>(
        (schema) => `
          select body as header from ${schema}.subscriptions
           where tenant = $1 and subscription_id > $2 and body is not null
           order by subscription_id limit $3`,
        [tenant, after, countMax + 1],
        options,
      );
      const page = rows.slice(0, countMax).map(({ header }) => subscriptionRow(header, clock.now()));
      const last = page.at(-1);
      return {
        asOfPosition,
        subscriptions: page,
        ...(rows.length > countMax && last ? { next: last.subscriptionId } : {}),
      };
    },
    subscription: async (tenant, subscriptionId, options) => {
      const { asOfPosition, rows } = await read<{ header: SubscriptionHeader }>(
        (schema) => `
          select body as header from ${schema}.subscriptions
           where tenant = $1 and subscription_id = $2 and body is not null`,
        [tenant, subscriptionId],
        options,
      );
      const [found] = rows;
      return found && { asOfPosition, ...subscriptionRow(found.header, clock.now()) };
    },
    licenses: async (tenant, options) => {
      const { asOfPosition, rows } = await read<{ header: SubscriptionHeader }>(
        (schema) => `select body as header from ${schema}.subscriptions where tenant = $1 and body is not null`,
        [tenant],
        options,
      );
      const headers = rows.map(({ header }) => header);
      return { asOfPosition, licenses: licenseRows(headers, clock.now()) };
    },
  };
}

/** A subscription as it stands at `now`. */
export function subscriptionRow(header: SubscriptionHeader, now: string): SubscriptionRow {
  return subscriptionView(applyDeadlines(header, now), now);
}
