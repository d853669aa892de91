import type { Sql } from '../sql/types.ts';
import { isMissingTable } from '../sql/questions.ts';
import { activeVersionSet } from '../set/version-set.ts';

/** How long the name of the active set is believed. The set before it stays, so that reading it a moment longer is fine. */
const believedMs = 1_000;

/** Answers the schema that reads use; undefined before the projections started for the first time. */
export function createActiveSet(sql: Sql): () => Promise<string | undefined> {
  let known: { readonly schema: string; readonly until: number } | undefined;
  return async () => {
    if (known && performance.now() < known.until) return known.schema;
    const schema = (await activeVersionSet(sql).catch(undefinedWhileMissing))?.schema;
    known = schema === undefined ? undefined : { schema, until: performance.now() + believedMs };
    return schema;
  };
}

/** A process that only reads may start before the one that makes the tables. */
function undefinedWhileMissing(error: unknown): undefined {
  if (!isMissingTable(error)) throw error;
}
