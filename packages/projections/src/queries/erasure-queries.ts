import type { ReadAt } from './read-at.ts';
import type { Queries } from './types.ts';

/** Who was erased: a port of the role that finishes erasures. */
export function erasureQueries(read: ReadAt): Pick<Queries, 'erasedPeople'> {
  return {
    erasedPeople: async (after, limit) => {
      const { rows } = await read<{ personId: string; position: string }>(
        (schema) => `
          select key as "personId", position::text as position from ${schema}.erased_people
           where position > $1::int8 order by position limit $2`,
        [after.toString(), limit],
      );
      return rows.map(({ personId, position }) => ({ personId, position: BigInt(position) }));
    },
  };
}
