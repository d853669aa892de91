import type { Projection } from '../projection/projection.ts';
import { withoutCompiling } from '../sql/compiling.ts';
import type { Sql } from '../sql/types.ts';
import { createIndexStatements } from './tables.ts';

/** PostgreSQL indexes each of them on a core of its own; whoever else asks the database goes on with the others. */
const tablesAtOnceMax = 2;

/**
 * Makes the indexes of tables that were filled without them, and lets the planner know what they hold, before they are asked
 * anything. Each table by itself: what was interrupted is not done twice.
 */
export async function indexTables(sql: Sql, schema: string, projections: readonly Projection[]): Promise<void> {
  const waiting = [...projections];
  const indexOnes = async (): Promise<void> => {
    // oxlint-disable-next-line no-await-in-loop -- the others take turns with it
    for (let next = waiting.shift(); next; next = waiting.shift()) await indexTable(sql, schema, next);
  };
  const lanes = Array.from({ length: tablesAtOnceMax }, indexOnes);
  // All have ended before anybody tries again.
  await Promise.allSettled(lanes);
  await Promise.all(lanes);
}

async function indexTable(sql: Sql, schema: string, projection: Projection): Promise<void> {
  const table = `${schema}.${projection.table.name}`;
  await sql.tx(
    async (query) => {
      await query(withoutCompiling);
      // Another process may have filled the same set.
      await query(`lock table ${table} in share row exclusive mode`);
      await query(createIndexStatements(schema, [projection]));
      await query(`analyze ${table}`);
    },
    { isLong: true },
  );
}
