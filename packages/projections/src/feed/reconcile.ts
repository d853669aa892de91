import type { Query } from '../sql/types.ts';

/**
 * Marks every row of the feed, and every key of the bucket: after another set took over, and when the bucket was lost. What
 * is already published as it is now is not published again; what is published and no row any more is taken away.
 */
export async function reconcileFeed(query: Query, schema: string): Promise<void> {
  await query(
    `insert into ${schema}.feed_outbox (model, tenant, key)
       select 'subscriptions', tenant, subscription_id from ${schema}.subscriptions where body is not null
       union
       select 'licenses', tenant, plan_id from ${schema}.subscriptions where body is not null
       union
       select 'notices', tenant, subscription_id || '/' || key from ${schema}.notices where body is not null
       union
       select 'everybody', '', ''
       union
       select 'bucket', '', ''
       on conflict (model, tenant, key) do update set generation = nextval('${schema}.feed_generation')`,
    [],
  );
}
