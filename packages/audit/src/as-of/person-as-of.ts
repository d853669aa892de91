import {
  evolveSeatUse,
  pagedGet,
  parseStream,
  seatInForce,
  seatStream,
  unusedSeat,
  type AsOf,
  type DecidedSeatEvent,
  type HeldSeat,
  type SeatUse,
  dataOf,
} from '@perennial/domain';
import type { StreamMemory } from '../log/stream-memory.ts';
import { catalogueAsOf } from './catalogue-as-of.ts';
import { inTurn, streamAsOf, type AsOfSources } from './subscription-as-of.ts';
import { isInForce } from './when.ts';

/** Streams of the subscriptions that a person ever had a seat in, whatever became of it. */
export async function subscriptionsOfPerson(
  { streams, directory }: AsOfSources,
  tenant: string,
  personId: string,
): Promise<readonly string[]> {
  const names = await directory.subscriptionsOf(tenant);
  const held = await inTurn(names, async (name) =>
    (await streams.read(name)).some((event) => dataOf(event, 'LicenseAssigned')?.personId === personId),
  );
  return names.filter((_, index) => held[index]);
}

/** The seats that a person held, as `licenses` and `apps` are computed from them. */
export async function seatsAsOf(
  sources: AsOfSources,
  { tenant, personId }: { readonly tenant: string; readonly personId: string },
  when: AsOf,
): Promise<readonly HeldSeat[]> {
  const { streams } = sources;
  const catalogue = await catalogueAsOf(streams, when);
  const held = await inTurn(await subscriptionsOfPerson(sources, tenant, personId), async (name) => {
    const state = await streamAsOf(streams, name, when);
    const seat = state && pagedGet(state.seats, personId);
    if (state === undefined || seat === undefined) return [];
    const { header } = state;
    const { appsOff, devices } = seatInForce(await seatUseAsOf(streams, { name, personId }, when), seat);
    return [{ seat: { ...seat, appsOff }, devices, header, plan: catalogue.newest(header.planId) ?? null }];
  });
  return held.flat();
}

/** What the person had done with the seat. @param target the name of the subscription's stream, and the person */
export async function seatUseAsOf(
  streams: StreamMemory,
  { name, personId }: { readonly name: string; readonly personId: string },
  when: AsOf,
): Promise<SeatUse> {
  const identity = parseStream(name);
  if (identity?.kind !== 'subscription') return unusedSeat;
  const events = await streams.read(seatStream(identity.tenant, identity.subscriptionId, personId));
  return events
    .filter((event) => isInForce(event, when))
    .reduce<SeatUse>(
      (use, { type, data, metadata }) =>
        // The door validated the data against the schema of its type.
        evolveSeatUse(use, { type, data, effectiveAt: metadata.effectiveAt } as DecidedSeatEvent),
      unusedSeat,
    );
}
