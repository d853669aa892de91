import { inlineProjections } from '@event-driven-io/emmett';
import { postgreSQLProjection } from '@event-driven-io/emmett-postgresql';
import { nextDeadline, type SubscriptionHeader } from '@perennial/domain';

/** The read model's table: the columns that Perennial's has, and the header as JSON. */
export const tableSql = `
  create table if not exists bench_subscriptions (
    stream text primary key,
    revision int8 not null,
    tenant text not null,
    subscription_id text not null,
    plan_id text not null,
    status text not null,
    deadline_at text,
    deadline_kind text,
    body jsonb not null
  );
  create index if not exists bench_subscriptions_of on bench_subscriptions (tenant, subscription_id);
  create index if not exists bench_subscriptions_due on bench_subscriptions (deadline_at) where deadline_at is not null;
  create table if not exists bench_seats (
    stream text not null,
    person_id text not null,
    assigned_at text not null,
    primary key (stream, person_id)
  );`;

const upsert = `
  insert into bench_subscriptions
    (stream, revision, tenant, subscription_id, plan_id, status, deadline_at, deadline_kind, body)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  on conflict (stream) do update set revision = excluded.revision, plan_id = excluded.plan_id,
    status = excluded.status, deadline_at = excluded.deadline_at, deadline_kind = excluded.deadline_kind,
    body = excluded.body`;

/** Headers that were folded for a decision that is being stored, by stream. */
export type HeadersUnderWay = ReadonlyMap<string, SubscriptionHeader>;

/**
 * The inline projection: one row per subscription, and one per seat. The header was folded for the decision a moment ago,
 * so the row is written without being read first: that is in Emmett's favour, Perennial reads it.
 */
export function subscriptionProjection(headers: HeadersUnderWay) {
  return inlineProjections([
    postgreSQLProjection({
      name: 'bench-subscriptions',
      canHandle: ['SubscriptionRenewed', ...otherTypes],
      handle: async (events, { connection }) => {
        const last = events.at(-1);
        if (last === undefined) return;
        const stream = last.metadata.streamName;
        const header = headers.get(stream);
        if (header === undefined) throw new Error(`no decision is under way on ${stream}`);
        const deadline = nextDeadline(header);
        await connection.client.query({
          name: 'upsert-subscription',
          text: upsert,
          values: [
            stream,
            header.revision,
            header.tenant,
            header.subscriptionId,
            header.planId,
            header.status,
            deadline?.at ?? null,
            deadline?.kind ?? null,
            JSON.stringify(header),
          ],
        });
        for (const event of events) {
          if (event.type !== 'LicenseAssigned') continue;
          await connection.client.query('insert into bench_seats values ($1, $2, $3) on conflict do nothing', [
            stream,
            event.data['personId'],
            event.metadata.effectiveAt,
          ]);
        }
      },
    }),
  ]);
}

/** Everything that the load makes beside renewals. */
const otherTypes = ['SubscriptionCreated', 'SubscriptionActivated', 'LicenseAssigned', 'PaymentFactRecorded'] as const;
