import { seatInForce, unusedSeat } from '@perennial/domain';
import { peopleStatement, type PersonSeatRow } from './people-statement.ts';
import type { ReadAt } from './read-at.ts';
import type { OpenMoveRow, Queries } from './types.ts';

/** Ports of the write side about who holds what. */
export function licenseQueries(read: ReadAt): Pick<Queries, 'licensesOf' | 'openMoves'> {
  return {
    licensesOf: async (tenant, personId) => {
      const { rows } = await read<PersonSeatRow>(peopleStatement, [tenant, [personId]]);
      return rows.map(({ seat, use, header }) => ({
        subscriptionId: header.subscriptionId,
        planId: header.planId,
        appsOff: seatInForce(use ?? unusedSeat, seat).appsOff,
      }));
    },
    openMoves: async (limit) => {
      const { rows } = await read<OpenMoveRow>(openMovesStatement, [limit]);
      return rows;
    },
  };
}

/** What is deleted takes no part any more: the seat there counts for nothing, and the other one stays. */
function openMovesStatement(schema: string): string {
  return `
    select h.tenant, h.subscription_id as "subscriptionId", s.key as "personId",
           (s.body ->> 'heldSince')::int8 as "heldSince"
      from ${schema}.seats s
      join ${schema}.subscriptions h on h.stream = s.stream and h.key = ''
     where s.moved_from is not null and h.status <> 'deleted'
       and not exists (
         select from ${schema}.license_moves m
          where m.stream = s.moved_from and m.key = s.body -> 'movedFrom' ->> 'heldSince'
            and m.body -> 'to' ->> 'stream' = s.stream and m.body -> 'to' ->> 'revision' = s.body ->> 'heldSince')
     order by s.position limit $1`;
}
