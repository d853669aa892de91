/**
 * The rows of people who were erased: looked up in the transaction that writes either, as payments and links are, so that
 * the tables are the same in whatever order the two arrive. What counts (seats bought, assigned, consumed) is in the
 * subscription's header and stays.
 *
 * @module
 */
import { erasedPeople } from '../models/erased-people.ts';
import { licenseMoves } from '../models/license-moves.ts';
import { seatUses, type SeatUseRow } from '../models/seats.ts';
import { userLicenses } from '../models/user-licenses.ts';
import type { Projection } from '../projection/projection.ts';
import type { Query } from '../sql/types.ts';
import type { RowMap } from './row.ts';

/** Forgets the erased among those whom a batch touches. */
export async function forgetPeople(
  query: Query,
  schema: string,
  projections: readonly Projection[],
  rows: RowMap,
): Promise<void> {
  if (!knowsErased(projections)) return;
  const people = new Set([
    ...rows.changed(erasedPeople).map(({ key }) => key),
    ...rows.changed(userLicenses).map(({ key }) => key),
    // Bodies of this table are written by its projection alone.
    ...rows.changed(seatUses).flatMap(({ body }) => (body ? [(body as SeatUseRow).personId] : [])),
  ]);
  if (people.size > 0) await query(forgetStatement(schema, 'and e.key = any($1::text[])'), [[...people]]);
}

/** Forgets all who were erased: once, after a set was filled. */
export async function forgetAllPeople(query: Query, schema: string, projections: readonly Projection[]): Promise<void> {
  if (knowsErased(projections)) await query(forgetStatement(schema, ''), []);
}

/** Whether a set has the tables: one of an older release, kept current for a while, may not. */
function knowsErased(projections: readonly Projection[]): boolean {
  const names = new Set(projections.map(({ name }) => name));
  return [erasedPeople, userLicenses, seatUses, licenseMoves].every(({ name }) => names.has(name));
}

/** A seat that was taken in a move which is not finished yet stays until it is: the other side is found through it. */
function forgetStatement(schema: string, whose: string): string {
  return `
    with seats as (
      delete from ${schema}.seats s using ${schema}.erased_people e
       where e.key = s.key ${whose}
         and (s.moved_from is null or exists (
               select from ${schema}.license_moves m
                where m.stream = s.moved_from and m.key = s.body -> 'movedFrom' ->> 'heldSince'))
    )
    update ${schema}.seat_uses u set body = null, person_id = null, subscription_stream = null
      from ${schema}.erased_people e
     where e.key = u.person_id ${whose}`;
}
