import { appRows, deviceRows, userLicenseRows, type HeldSeat } from '@perennial/domain';
import type { People, ReadClock } from '../ports.ts';
import { peopleStatement, seatsByPerson, type PersonSeatRow } from './people-statement.ts';
import type { ReadAt } from './read-at.ts';
import type { PlanRow, Queries, ReadOptions } from './types.ts';

/** Reads about one person. The read model knows person ids; user ids are resolved here and never stored. */
export function peopleQueries(
  read: ReadAt,
  parts: {
    readonly clock: ReadClock;
    readonly people: Pick<People, 'personIdIfKnown'>;
    readonly planOf: (planId: string) => PlanRow | null;
  },
): Pick<Queries, 'userLicenses' | 'apps'> {
  const seatsOf = async (
    tenant: string,
    userId: string,
    options: ReadOptions | undefined,
  ): Promise<{ asOfPosition: string; seats: readonly HeldSeat[] }> => {
    const personId = await parts.people.personIdIfKnown(tenant, userId);
    // An unknown user is still read for: the answer carries the watermark and waits for `minPosition`.
    const { asOfPosition, rows } = await read<PersonSeatRow>(
      peopleStatement,
      [tenant, personId === undefined ? [] : [personId]],
      options,
    );
    return { asOfPosition, seats: seatsByPerson(rows, parts.planOf).get(personId ?? '') ?? [] };
  };
  return {
    userLicenses: async (tenant, userId, options) => {
      const { asOfPosition, seats } = await seatsOf(tenant, userId, options);
      return { asOfPosition, licenses: userLicenseRows(seats, parts.clock.now()) };
    },
    apps: async (tenant, userId, options) => {
      const { asOfPosition, seats } = await seatsOf(tenant, userId, options);
      const now = parts.clock.now();
      return { asOfPosition, apps: appRows(seats, now), devices: deviceRows(seats, now) };
    },
  };
}
