import { seatInForce, unusedSeat, type HeldSeat, type SeatUse, type SubscriptionHeader } from '@perennial/domain';
import type { Seat } from '../models/user-licenses.ts';
import type { PlanRow } from '../queries/types.ts';

/** A seat as the statement answers it. */
export type PersonSeatRow = {
  readonly personId: string;
  readonly tenant: string;
  readonly seat: Seat;
  /** What the person did with it, under whichever holding. */
  readonly use: SeatUse | null;
  readonly header: SubscriptionHeader;
  readonly plan: PlanRow | null;
};

/**
 * The seats of people ($2) with what their subscriptions and plans say; `$1` is the tenant. A plan is the newest that was
 * published; one that a later catalogue dropped is still found. A row of before version 4 does not say how its person came to
 * the seat: then everybody was given one directly.
 */
export function peopleStatement(schema: string): string {
  return `
    select s.key as "personId", h.tenant, jsonb_build_object('source', 'direct') || s.body as seat, u.body as use, h.body as header, ${newestPlan(schema, 'h.plan_id')} as plan
      from ${schema}.seats s
      join ${schema}.subscriptions h on h.stream = s.stream and h.key = ''
      left join ${schema}.seat_uses u on u.person_id = s.key and u.subscription_stream = s.stream
     where s.key = any($2::text[]) and h.tenant = $1 and h.status <> 'deleted'
     order by s.key, h.subscription_id`;
}

/** The newest publication of a plan, as a subselect. */
export function newestPlan(schema: string, planId: string): string {
  return `(
    select p.body from ${schema}.plans p, ${schema}.catalogues c
     where p.plan_id = ${planId} and p.revision <= (c.body -> 'current' ->> 'to')::int8
     order by p.revision desc limit 1)`;
}

/** Rows by person. */
export function seatsByPerson(
  rows: readonly PersonSeatRow[],
  planOf: (planId: string) => PlanRow | null,
): Map<string, HeldSeat[]> {
  const people = new Map<string, HeldSeat[]>();
  for (const { personId, seat, use, header, plan } of rows) {
    const { appsOff, devices } = seatInForce(use ?? unusedSeat, seat);
    const held: HeldSeat = { seat: { ...seat, appsOff }, devices, header, plan: plan ?? planOf(header.planId) };
    const list = people.get(personId);
    if (list) list.push(held);
    else people.set(personId, [held]);
  }
  return people;
}
