import { upcomingTransitions, type NoticeRecord, type SubscriptionHeader } from '@perennial/domain';
import type { ReadClock } from '../ports.ts';
import { noticeRow } from './notice-row.ts';
import type { ReadAt } from './read-at.ts';
import type { DueNotice, Queries } from './types.ts';

const pageCountMax = 1_000;
/** Payments that old are no news; a look for any other reason still finds them. */
const newsDaysMax = 30;

/** Reads about what people are told, and about what will happen by itself. */
export function noticeQueries(
  read: ReadAt,
  clock: ReadClock,
): Pick<Queries, 'notices' | 'noticesDue' | 'upcoming' | 'upcomingOf'> {
  return {
    notices: async (tenant, { status, subscriptionId, after = '', limit = pageCountMax, ...options } = {}) => {
      const now = clock.now();
      const countMax = Math.max(1, Math.min(limit, pageCountMax));
      const { asOfPosition, rows } = await read<{ notice: NoticeRecord; place: string }>(
        noticesStatement,
        [tenant, subscriptionId ?? '', status ?? '', now, after, countMax + 1],
        options,
      );
      const last = rows[countMax - 1];
      return {
        asOfPosition,
        notices: rows.slice(0, countMax).map(({ notice }) => noticeRow(notice, now)),
        ...(rows.length > countMax && last ? { next: last.place } : {}),
      };
    },
    noticesDue: async (now, limit, after) => {
      const newsSince = new Date(Date.parse(now) - newsDaysMax * 86_400_000).toISOString();
      const { rows } = await read<DueNotice>(dueStatement, [
        now,
        newsSince,
        after?.tenant ?? '',
        after?.subscriptionId ?? '',
        after?.noticeId ?? '',
        limit,
      ]);
      return rows;
    },
    upcoming: async (tenant, { from, to, after = '', limit = pageCountMax, ...options } = {}) => {
      const countMax = Math.max(1, Math.min(limit, pageCountMax));
      const { asOfPosition, rows } = await read<{ subscriptionId: string; at: string; kind: string; place: string }>(
        upcomingStatement,
        [tenant, from ?? '', to ?? '', after, countMax + 1],
        options,
      );
      const page = rows.slice(0, countMax);
      const last = page.at(-1);
      return {
        asOfPosition,
        deadlines: page.map(({ subscriptionId, at, kind }) => ({ subscriptionId, at, kind })),
        ...(rows.length > countMax && last ? { next: last.place } : {}),
      };
    },
    upcomingOf: async (tenant, subscriptionId, options) => {
      const { asOfPosition, rows } = await read<{ header: SubscriptionHeader }>(
        (schema) => `
          select body as header from ${schema}.subscriptions
           where tenant = $1 and subscription_id = $2 and body is not null`,
        [tenant, subscriptionId],
        options,
      );
      const [found] = rows;
      return found && { asOfPosition, upcoming: upcomingTransitions(found.header, clock.now()) };
    },
  };
}

/** In the order in which they were due; what was disproved is not shown. */
function noticesStatement(schema: string): string {
  return `
    select body as notice, due_at || ' ' || stream || ' ' || key as place from ${schema}.notices
     where tenant = $1 and not disproved and body is not null
       and ($2 = '' or subscription_id = $2)
       and ($3 = '' or case when status = 'queued' and changes_at <= $4 then 'lapsed' else status end = $3)
       and (due_at || ' ' || stream || ' ' || key) collate "C" > $5
     order by due_at, stream, key limit $6`;
}

/** The next automatic transition of each subscription, where it falls into `[from, to)`. */
function upcomingStatement(schema: string): string {
  return `
    select subscription_id as "subscriptionId", deadline_at as at, deadline_kind as kind,
           deadline_at || ' ' || subscription_id as place
      from ${schema}.subscriptions
     where tenant = $1 and deadline_at is not null and deadline_at >= $2 and ($3 = '' or deadline_at < $3)
       and (deadline_at || ' ' || subscription_id) collate "C" > $4
     order by deadline_at, subscription_id limit $5`;
}

/**
 * Where a notice is missing, may be sent no longer, or is not wanted any more. It may name one too many: the streams
 * decide. `version` says why and changes with what that rests on. Materialized, so that paging does not mislead the planner.
 */
function dueStatement(schema: string): string {
  return `
    with due as materialized (
      select s.tenant, s.subscription_id, slot ->> 'id' as notice_id, 'missing ' || s.revision as version
        from ${schema}.subscriptions s, jsonb_array_elements(s.notice_slots::jsonb) slot
       where s.notice_from <= $1 and s.parked_revision is null
         and (slot ->> 'from') collate "C" <= $1 and (slot ->> 'to') collate "C" > $1
         and not exists (select from ${schema}.notices n
                          where n.stream = 'notices-' || substr(s.stream, 14)
                            and n.key = slot ->> 'id' and n.status <> 'withdrawn')
      union all
      select n.tenant, n.subscription_id, n.key,
             case when n.changes_at <= $1 then 'over ' else 'open ' end || s.revision || ' ' || n.revision
        from ${schema}.notices n
        join ${schema}.subscriptions s on s.stream = 'subscription-' || substr(n.stream, 9)
       where n.changes_at is not null and s.parked_revision is null
         and (n.changes_at <= $1
           or (n.has_deadline
               and not coalesce(s.notice_slots, '[]')::jsonb @> jsonb_build_array(jsonb_build_object('id', n.key)))
           or (not n.has_deadline and s.position > n.position))
      union all
      select s.tenant, s.subscription_id, w.key, 'news ' || s.revision
        from ${schema}.notice_news w
        join ${schema}.subscriptions s on s.stream = w.stream
       where w.at >= $2 and s.parked_revision is null
         and not exists (select from ${schema}.notices n
                          where n.stream = 'notices-' || substr(s.stream, 14) and n.key = w.key)
    )
    select tenant, subscription_id as "subscriptionId", notice_id as "noticeId", version
      from due
     where (tenant, subscription_id, notice_id collate "C") > ($3::text, $4::text, $5::text)
     order by tenant, subscription_id, notice_id collate "C" limit $6`;
}
