import type { Projection } from '../projection/projection.ts';
import { projectionsWithin, unreadableBecause } from '../set/readable-set.ts';
import { activeVersionSet } from '../set/version-set.ts';
import { isMissingTable } from '../sql/questions.ts';
import type { Sql } from '../sql/types.ts';

/** The set that reads use, as far as this process knows. */
export type KnownSet = {
  readonly schema: string;
  /** Why this release cannot read it. */
  readonly unreadable: string | undefined;
  /** The names of the projections that have a table in it. */
  readonly projections: ReadonlySet<string>;
};

/** The name of the active set. */
export type ActiveSet = {
  /** What is known, or else what the database says; undefined before the projections started for the first time. */
  find(): Promise<KnownSet | undefined>;
  /** What is known is no longer so. */
  forget(): void;
};

/**
 * Remembers which set is active. Whoever reads from it asks in the same statement whether it still is ({@link isActive})
 * and forgets it otherwise: so a switch is seen by the next read of every process.
 */
export function createActiveSet(sql: Sql, projections: readonly Projection[]): ActiveSet {
  let known: KnownSet | undefined;
  return {
    find: async () => {
      if (known) return known;
      const set = await activeVersionSet(sql).catch(undefinedWhileMissing);
      if (set === undefined) return undefined;
      known = {
        schema: set.schema,
        unreadable: await unreadableBecause(sql.query, set, projections),
        projections: new Set(projectionsWithin(set, projections).map(({ name }) => name)),
      };
      return known;
    },
    forget: () => {
      known = undefined;
    },
  };
}

/** An expression: whether the schema is the active set's. */
export function isActive(schema: string): string {
  return `exists (select from perennial.version_sets where schema_name = '${schema}' and status = 'active')`;
}

/** A process that only reads may start before the one that makes the tables. */
function undefinedWhileMissing(error: unknown): undefined {
  if (!isMissingTable(error)) throw error;
}
