import {
  evolveSeatUse,
  parseStream,
  subscriptionStream,
  unusedSeat,
  type SeatEvent,
  type SeatUse,
} from '@perennial/domain';
import { defineProjection, rootKey } from '../projection/projection.ts';

/** What a person has done with a seat: which apps are off, on which devices they are signed in. */
export type SeatUseRow = SeatUse & {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly personId: string;
};

/**
 * One row per seat stream. Whether it counts is said by the subscription's stream: reads join it with the seat that is
 * held, and leave out what was done under another holding (`seatInForce`). So the order in which the two streams arrive
 * does not matter.
 */
export const seatUses = defineProjection<SeatUseRow>({
  name: 'seat-uses',
  version: 1,
  table: {
    name: 'seat_uses',
    columns: [
      { name: 'person_id', type: 'text' },
      { name: 'subscription_stream', type: 'text' },
    ],
    indexes: ['(person_id, subscription_stream)', '(stream) where parked_revision is not null'],
  },
  handles: { streamPrefix: 'seat-', types: 'all' },
  root: true,
  keys: () => [rootKey],
  apply: (event, row) => {
    const { type, data, metadata } = event;
    // The door has validated `data` against the schema of `type`: the pair is one of the union.
    const seatEvent = { type, data, effectiveAt: metadata.effectiveAt } as SeatEvent;
    const before = row ?? { ...unusedSeat, ...identityOf(event.stream) };
    return { ...before, ...evolveSeatUse(before, seatEvent) };
  },
  columns: ({ tenant, subscriptionId, personId }) => ({
    person_id: personId,
    subscription_stream: subscriptionStream(tenant, subscriptionId),
  }),
});

function identityOf(stream: string): Omit<SeatUseRow, keyof SeatUse> {
  const named = parseStream(stream);
  if (named?.kind !== 'seat') throw new Error(`${stream} is not the name of a seat's stream`);
  const { tenant, subscriptionId, personId } = named;
  return { tenant, subscriptionId, personId };
}
