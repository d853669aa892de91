/**
 * Which rows of the change feed a batch may have changed. A mark is only a name: what is published is computed when it is,
 * so that many changes of one row become one message and a subscription with 50 000 seats one mark.
 *
 * @module
 */
import type { NoticeRecord, SubscriptionHeader } from '@perennial/domain';
import { isDeepStrictEqual } from 'node:util';
import { catalogueHead } from '../models/catalogue.ts';
import { notices } from '../models/notices.ts';
import { erasedPeople } from '../models/erased-people.ts';
import { seatUses, type SeatUseRow } from '../models/seats.ts';
import { subscriptions } from '../models/subscriptions.ts';
import { userLicenses } from '../models/user-licenses.ts';
import { rootKey } from '../projection/projection.ts';
import type { RowMap } from '../set/row.ts';

/** Models of the feed, and marks that stand for many rows of them. */
export type MarkedModel =
  | 'subscriptions'
  | 'licenses'
  /** A notice, `<subscription>/<notice>`. */
  | 'notices'
  /** Both rows of one person: `user-licenses` and `available-apps`. */
  | 'person'
  /** Every person with a seat in the subscription. */
  | 'people-of'
  /** Every person of every subscription: a catalogue was published. */
  | 'everybody'
  /** Every key of the bucket: what is no row any more is taken away. */
  | 'bucket';

/** A row, or rows, to publish. */
export type Mark = { readonly model: MarkedModel; readonly tenant: string; readonly key: string };

/** The marks of a batch, each once. */
export function marksOf(rows: RowMap): Mark[] {
  const marks = new Map<string, Mark>();
  const add = (mark: Mark): void => void marks.set(`${mark.model} ${mark.tenant} ${mark.key}`, mark);
  for (const row of rows.changed(subscriptions)) {
    const before = rows.before(subscriptions, row.stream, rootKey)?.body ?? null;
    // Bodies of this table are headers: only this projection writes them.
    for (const mark of headerMarks(before as SubscriptionHeader | null, row.body as SubscriptionHeader | null))
      add(mark);
  }
  for (const row of rows.changed(userLicenses)) {
    const header = rows.get(subscriptions, row.stream, rootKey)?.body as SubscriptionHeader | null | undefined;
    if (header) add({ model: 'person', tenant: header.tenant, key: row.key });
  }
  for (const row of rows.changed(seatUses)) {
    // Bodies of this table are written by its projection alone.
    const use = row.body as SeatUseRow | null;
    if (use) add({ model: 'person', tenant: use.tenant, key: use.personId });
  }
  for (const row of rows.changed(notices)) {
    // As above.
    const notice = row.body as NoticeRecord | null;
    if (notice) add({ model: 'notices', tenant: notice.tenant, key: `${notice.subscriptionId}/${row.key}` });
  }
  if (rows.changed(catalogueHead).length > 0) add({ model: 'everybody', tenant: '', key: '' });
  if (rows.changed(erasedPeople).length > 0) add({ model: 'bucket', tenant: '', key: '' });
  return [...marks.values()];
}

function headerMarks(before: SubscriptionHeader | null, after: SubscriptionHeader | null): Mark[] {
  if (after === null) return [];
  const { tenant } = after;
  // Its version is shown, so every event changes the row.
  const marks: Mark[] = [{ model: 'subscriptions', tenant, key: after.subscriptionId }];
  if (!isDeepStrictEqual(before && counted(before), counted(after))) {
    const plans = new Set([before?.planId ?? after.planId, after.planId]);
    marks.push(...[...plans].map((key): Mark => ({ model: 'licenses', tenant, key })));
  }
  if (before !== null && !isDeepStrictEqual(entitling(before), entitling(after))) {
    marks.push({ model: 'people-of', tenant, key: after.subscriptionId });
  }
  return marks;
}

function counted({ planId, status, seatsPurchased, seatsAssigned, seatConflict }: SubscriptionHeader): object {
  return { planId, status, seatsPurchased, seatsAssigned, seatConflict };
}

/** What access and its reason rest on. Dates move with every renewal and are left out: 50 000 rows would change for one. */
function entitling({ planId, status, holds, pastDue, trial, policy, termStart }: SubscriptionHeader): object {
  return {
    planId,
    status,
    policy,
    trial,
    isHeld: holds.length > 0,
    isPastDue: pastDue !== null,
    isStarted: termStart !== null,
  };
}
