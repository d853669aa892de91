import { toJsonb } from '../sql/jsonb.ts';
import type { Query, Sql } from '../sql/types.ts';
import type { Mark, MarkedModel } from './marks.ts';

/** A mark in the outbox. A new change of the same row gives it a new generation. */
export type OutboxMark = Mark & { readonly generation: number };

/** The oldest marks. */
export async function readMarks(query: Query, schema: string, limit: number): Promise<OutboxMark[]> {
  return query<{ model: MarkedModel; tenant: string; key: string; generation: number }>(
    `select model, tenant, key, generation from ${schema}.feed_outbox order by generation limit $1`,
    [limit],
  );
}

/** Removes marks whose rows have been published, but not those that were marked again meanwhile. */
export async function removeMarks(query: Query, schema: string, marks: readonly OutboxMark[]): Promise<void> {
  if (marks.length === 0) return;
  await query(
    `delete from ${schema}.feed_outbox o
      using jsonb_to_recordset($1::jsonb) as done(model text, tenant text, key text, generation int8)
      where o.model = done.model and o.tenant = done.tenant and o.key = done.key and o.generation = done.generation`,
    [toJsonb(marks)],
  );
}

/** Turns the mark for everybody into one per subscription that has people. */
export async function spreadToEverybody(sql: Sql, schema: string, mark: OutboxMark): Promise<void> {
  await sql.tx(async (query) => {
    await query(
      `insert into ${schema}.feed_outbox (model, tenant, key)
         select 'people-of', h.tenant, h.subscription_id from ${schema}.subscriptions h
          where exists (select from ${schema}.seats s where s.stream = h.stream)
         on conflict (model, tenant, key) do update set generation = nextval('${schema}.feed_generation')`,
      [],
    );
    await removeMarks(query, schema, [mark]);
  });
}

/** How many marks wait. */
export async function countMarks(query: Query, schema: string): Promise<number> {
  const [row] = await query<{ count: number }>(`select count(*) as count from ${schema}.feed_outbox`, []);
  return row?.count ?? 0;
}
