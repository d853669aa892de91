import type { DueDeadline } from '../ports.ts';
import type { ReadAt } from './read-at.ts';
import type { Queries } from './types.ts';

/** The timers' reads. A held subscription is left alone: what is due there is not known. */
export function deadlineQueries(read: ReadAt): Pick<Queries, 'dueBefore' | 'nextDue'> {
  return {
    dueBefore: async (now, limit, after) => {
      const { rows } = await read<DueDeadline>(
        (schema) => `
          select tenant, subscription_id as "subscriptionId", deadline_at as at, deadline_kind as kind
            from ${schema}.subscriptions
           where deadline_at <= $1 and parked_revision is null
             and (deadline_at, tenant, subscription_id) > ($3, $4, $5)
           order by deadline_at, tenant, subscription_id limit $2`,
        [now, limit, after?.at ?? '', after?.tenant ?? '', after?.subscriptionId ?? ''],
      );
      return rows;
    },
    nextDue: async () => {
      const { rows } = await read<{ at: string }>(
        (schema) => `
          select deadline_at as at from ${schema}.subscriptions
           where deadline_at is not null and parked_revision is null order by deadline_at limit 1`,
        [],
      );
      return rows[0]?.at;
    },
  };
}
