import { storableText } from '../sql/jsonb.ts';
import { newestPlan } from './people-statement.ts';
import type { ReadAt } from './read-at.ts';
import type { PlanRow, Queries } from './types.ts';

/** Reads about plans; `fallback` answers while no catalogue has been published. */
export function catalogueQueries(read: ReadAt, fallback: readonly PlanRow[]): Pick<Queries, 'plans' | 'plan'> {
  return {
    plans: async (options) => {
      const { asOfPosition, rows } = await read<{ published: boolean; plan: PlanRow | null }>(
        (schema) => `
          select c.body -> 'current' <> 'null'::jsonb as published, p.body as plan
            from ${schema}.catalogues c
            left join ${schema}.plans p on p.revision between
                 (c.body -> 'current' ->> 'from')::int8 and (c.body -> 'current' ->> 'to')::int8
           order by p.plan_id`,
        [],
        options,
      );
      const isPublished = rows.some(({ published }) => published);
      const plans = rows.map(({ plan }) => plan).filter((plan) => plan !== null);
      return { asOfPosition, plans: isPublished ? plans : fallback };
    },
    plan: async (planId, options) => {
      const { asOfPosition, rows } = await read<{ plan: PlanRow | null }>(
        (schema) => `select ${newestPlan(schema, '$1')} as plan`,
        [storableText(planId)],
        options,
      );
      const plan = rows[0]?.plan ?? fallback.find((candidate) => candidate.planId === planId);
      return plan && { asOfPosition, ...plan };
    },
  };
}
