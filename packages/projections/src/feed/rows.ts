/**
 * What the rows of the feed hold now, read with the position they are complete up to.
 *
 * @module
 */
import { appRows, licenseRows, userLicenseRows, type NoticeRecord, type SubscriptionHeader } from '@perennial/domain';
import type { People, ReadClock } from '../ports.ts';
import { peopleStatement, seatsByPerson, type PersonSeatRow } from '../queries/people-statement.ts';
import { noticeRow } from '../queries/notice-row.ts';
import { subscriptionRow } from '../queries/subscription-queries.ts';
import type { PlanRow } from '../queries/types.ts';
import type { Query } from '../sql/types.ts';
import type { Mark } from './marks.ts';

/** Models of the change feed (`contract.md`, bucket `views`). */
export type FeedModel = 'subscriptions' | 'licenses' | 'user-licenses' | 'available-apps' | 'notices';

/** A row as it is now; `current` is null when there is none (any more). */
export type FeedRow = {
  readonly model: FeedModel;
  readonly tenant: string;
  readonly key: string;
  readonly current: object | null;
  readonly position: bigint;
};

/** What rows are computed with. */
export type RowSource = {
  readonly query: Query;
  readonly schema: string;
  /** Whether the set has the table of erased people: one of an older release may not. */
  readonly knowsErased: boolean;
  readonly clock: ReadClock;
  readonly people: Pick<People, 'userIdsOf'>;
  /** A plan that no published catalogue has. */
  readonly planOf: (planId: string) => PlanRow | null;
};

/** The rows that marks of one model and tenant name. */
export async function rowsOf(source: RowSource, marks: readonly Mark[]): Promise<FeedRow[]> {
  const [first] = marks;
  if (first === undefined) return [];
  const keys = marks.map(({ key }) => key);
  switch (first.model) {
    case 'subscriptions':
      return subscriptionRows(source, first.tenant, keys);
    case 'licenses':
      return licenseFeedRows(source, first.tenant, keys);
    case 'notices':
      return noticeFeedRows(source, first.tenant, keys);
    case 'person':
      return personRows(source, first.tenant, keys);
    case 'people-of':
    case 'everybody':
    case 'bucket':
      break;
  }
  throw new Error(`${first.model} stands for many rows: spread it first`);
}

async function subscriptionRows(source: RowSource, tenant: string, keys: readonly string[]): Promise<FeedRow[]> {
  const { schema, clock } = source;
  const { position, rows } = await read<{ id: string; header: SubscriptionHeader }>(
    source,
    `select subscription_id as id, body as header from ${schema}.subscriptions
      where tenant = $1 and subscription_id = any($2::text[]) and body is not null`,
    [tenant, keys],
  );
  const headers = new Map(rows.map(({ id, header }) => [id, header]));
  return keys.map((key) => {
    const header = headers.get(key);
    return {
      model: 'subscriptions',
      tenant,
      key,
      current: header ? subscriptionRow(header, clock.now()) : null,
      position,
    };
  });
}

async function licenseFeedRows(source: RowSource, tenant: string, keys: readonly string[]): Promise<FeedRow[]> {
  const { schema, clock } = source;
  const { position, rows } = await read<{ header: SubscriptionHeader }>(
    source,
    `select body as header from ${schema}.subscriptions
      where tenant = $1 and plan_id = any($2::text[]) and body is not null`,
    [tenant, keys],
  );
  const current = new Map(
    licenseRows(
      rows.map(({ header }) => header),
      clock.now(),
    ).map((row) => [row.planId, row]),
  );
  return keys.map((key) => ({ model: 'licenses', tenant, key, current: current.get(key) ?? null, position }));
}

async function noticeFeedRows(source: RowSource, tenant: string, keys: readonly string[]): Promise<FeedRow[]> {
  const { schema, clock } = source;
  const { position, rows } = await read<{ name: string; notice: NoticeRecord }>(
    source,
    `select subscription_id || '/' || key as name, body as notice from ${schema}.notices
      where tenant = $1 and subscription_id || '/' || key = any($2::text[]) and body is not null`,
    [tenant, keys],
  );
  const notices = new Map(rows.map(({ name, notice }) => [name, notice]));
  return keys.map((key) => {
    const notice = notices.get(key);
    const isShown = notice !== undefined && !notice.disproved;
    return { model: 'notices', tenant, key, current: isShown ? noticeRow(notice, clock.now()) : null, position };
  });
}

async function personRows(source: RowSource, tenant: string, personIds: readonly string[]): Promise<FeedRow[]> {
  const { schema, clock, people, planOf } = source;
  const userIds = await people.userIdsOf(personIds);
  const { position, rows } = await read<PersonSeatRow>(source, peopleStatement(schema), [tenant, personIds]);
  const byPerson = seatsByPerson(rows, planOf);
  // Looked up after the rows: whoever is not among them by now was not when they were read.
  const erased = await erasedAmong(source, personIds);
  const now = clock.now();
  return personIds.flatMap((personId): FeedRow[] => {
    const key = userIds.get(personId);
    // Erased: there is nobody to publish about.
    if (key === undefined || erased.has(personId)) return [];
    const seats = byPerson.get(personId);
    const licenses = seats ? { licenses: userLicenseRows(seats, now) } : null;
    const apps = seats ? { apps: appRows(seats, now) } : null;
    return [
      { model: 'user-licenses', tenant, key, current: licenses, position },
      { model: 'available-apps', tenant, key, current: apps, position },
    ];
  });
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only the statement's author knows its rows
async function read<Row>(
  { query, schema }: RowSource,
  statement: string,
  values: readonly [string, readonly string[]],
): Promise<{ position: bigint; rows: readonly Row[] }> {
  const [row] = await query<{ position: string; rows: readonly Row[] | null }>(
    `select (select position::text from ${schema}.checkpoint) as position,
            (select jsonb_agg(to_jsonb(r)) from (${statement}) r) as rows`,
    values,
  );
  return { position: BigInt(row?.position ?? -1), rows: row?.rows ?? [] };
}

/** A page of the people of a subscription, in order of their ids. */
export async function peopleOf(
  { query, schema }: Pick<RowSource, 'query' | 'schema'>,
  page: { readonly stream: string; readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await query<{ key: string }>(
    `select key from ${schema}.seats where stream = $1 and key > $2 order by key limit $3`,
    [page.stream, page.after, page.limit],
  );
  return rows.map(({ key }) => key);
}

/** Those who were erased among some people. */
export async function erasedAmong(
  { query, schema, knowsErased }: Pick<RowSource, 'query' | 'schema' | 'knowsErased'>,
  personIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (!knowsErased || personIds.length === 0) return new Set();
  const rows = await query<{ key: string }>(`select key from ${schema}.erased_people where key = any($1::text[])`, [
    personIds,
  ]);
  return new Set(rows.map(({ key }) => key));
}
