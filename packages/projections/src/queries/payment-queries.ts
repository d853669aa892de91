import { parseStream, subscriptionStream, waitingSince, type Instant } from '@perennial/domain';
import { customerPrefix } from '../models/payment-references.ts';
import type { PaymentPair, ReadClock } from '../ports.ts';
import type { ReadAt } from './read-at.ts';
import type { InboxRow, InboxStatus, Queries } from './types.ts';

const pageCountMax = 1_000;

type InboxLine = {
  readonly place: string;
  readonly provider: string;
  readonly object: string;
  readonly line: {
    readonly providerEventId: string;
    readonly status: InboxStatus;
    readonly reason: string;
    readonly receivedAt: string;
    readonly subscriptionRef: string | null;
  };
  readonly tenant: string | null;
  readonly subscriptionId: string | null;
};

type PairRow = {
  readonly stream: string;
  readonly provider: string;
  readonly object: string;
  readonly subscription: string;
};

/** Reads about payments that named no known subscription, and the ports of matcher and timers. */
export function paymentQueries(
  read: ReadAt,
  clock: ReadClock,
): Pick<Queries, 'paymentInbox' | 'paymentOf' | 'paymentsPending' | 'matchable'> {
  return {
    paymentInbox: async ({ status, after = '', limit = pageCountMax, ...options } = {}) => {
      const countMax = Math.max(1, Math.min(limit, pageCountMax));
      const { asOfPosition, rows } = await read<InboxLine>(
        inboxStatement,
        [status ?? '', after, countMax + 1],
        options,
      );
      const page = rows.slice(0, countMax);
      const last = page.at(-1);
      const now = clock.now();
      return {
        asOfPosition,
        payments: page.map((line) => inboxRow(line, now)),
        ...(rows.length > countMax && last ? { next: last.place } : {}),
      };
    },
    paymentOf: async (providerEventId) => {
      const { rows } = await read<{ provider: string; object: string }>(
        (schema) => `
          select provider, object from ${schema}.payments
           where body -> 'facts' @> jsonb_build_array(jsonb_build_object('providerEventId', $1::text))
           order by position limit 1`,
        [providerEventId],
      );
      return rows[0];
    },
    paymentsPending: async (tenant, subscriptionId) => {
      const stream = subscriptionStream(tenant, subscriptionId);
      const { rows } = await read<{ pending: boolean }>(pendingStatement, [
        stream,
        customerPrefix,
        tenant,
        subscriptionId,
      ]);
      return rows[0]?.pending === true;
    },
    matchable: {
      next: async (limit) =>
        pairs(
          await read<PairRow>(
            (schema) => `
              select stream, provider, object, candidate as subscription from ${schema}.payments
               where status = 'parked' and candidate is not null and parked_revision is null
               order by position limit $1`,
            [limit],
          ),
        ),
      openMatches: async (limit) => {
        const { rows } = await read<PairRow & { tenant: string; subscriptionId: string }>(
          (schema) => `
            select stream, provider, object, tenant, subscription_id as "subscriptionId" from ${schema}.payments
             where status = 'matched' and parked_revision is null order by position limit $1`,
          [limit],
        );
        return rows.map(({ stream, provider, object, tenant, subscriptionId }) => ({
          paymentStream: stream,
          provider,
          object,
          tenant,
          subscriptionId,
        }));
      },
    },
  };
}

/** Every line of every payment, newest last; a refund due that both streams know is shown once. */
function inboxStatement(schema: string): string {
  return `
    select * from (
      select lpad(p.position::text, 20, '0') || ':' || lpad(line.number::text, 6, '0') as place,
             p.provider, p.object, line.body as line, p.tenant, p.subscription_id as "subscriptionId"
        from ${schema}.payments p, jsonb_array_elements(p.body -> 'facts') with ordinality as line (body, number)
      union all
      select lpad(r.position::text, 20, '0') || ':' || r.key,
             r.body ->> 'provider', r.body ->> 'object',
             r.body || '{"status": "refund_due", "reason": "REFUND_DUE"}'::jsonb,
             r.body ->> 'tenant', r.body ->> 'subscriptionId'
        from ${schema}.refunds_due r
       where not exists (
         select from ${schema}.payments p
          where p.stream = r.body ->> 'paymentStream'
            and p.body -> 'facts' @> jsonb_build_array(jsonb_build_object(
                  'providerEventId', r.body ->> 'providerEventId', 'status', 'refund_due')))
    ) inbox
    where ($1 = '' or line ->> 'status' = $1) and place > $2
    order by place limit $3`;
}

/** A customer reference alone names no subscription: it would hold back deletions for ever. */
function pendingStatement(schema: string): string {
  return `
    select exists (
             select from ${schema}.payments where tenant = $3 and subscription_id = $4 and status = 'matched')
        or exists (
             select from ${schema}.payments where candidate = $1)
        or exists (
             select from ${schema}.payment_links l
               join ${schema}.payment_references r on r.key = l.key
               join ${schema}.payments p on p.stream = r.stream
              where l.stream = $1 and left(l.key, length($2)) <> $2 and p.status in ('parked', 'quarantined'))
        as pending`;
}

function inboxRow({ provider, object, line, tenant, subscriptionId }: InboxLine, now: Instant): InboxRow {
  const { providerEventId, status, reason, receivedAt, subscriptionRef } = line;
  const isMatched = tenant !== null && subscriptionId !== null && status !== 'parked' && status !== 'quarantined';
  return {
    providerEventId,
    provider,
    providerObjectId: object,
    status,
    reason,
    receivedAt,
    subscriptionRef,
    ...(status === 'parked' ? { waiting: waitingSince(receivedAt, now) } : {}),
    ...(isMatched ? { matchedTo: `${tenant}/${subscriptionId}` } : {}),
  };
}

function pairs({ rows }: { readonly rows: readonly PairRow[] }): PaymentPair[] {
  return rows.flatMap(({ stream, provider, object, subscription }) => {
    const named = parseStream(subscription);
    if (named?.kind !== 'subscription') return [];
    const { tenant, subscriptionId } = named;
    return [{ paymentStream: stream, provider, object, tenant, subscriptionId }];
  });
}
