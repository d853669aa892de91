/**
 * A rebuild of some projections: when those are folded, the tables of all others are taken over from the live set, and both
 * are brought to one position.
 *
 * @module
 */
import type { Projection } from '../projection/projection.ts';
import { copyTables } from '../set/copy-tables.ts';
import type { VersionSet } from '../set/version-set.ts';
import type { Sql } from '../sql/types.ts';
import type { SetWriter } from './set-writer.ts';
import { untilOvertaken } from './until-overtaken.ts';

/** What taking over needs. */
export type TakeOver = {
  readonly sql: Sql;
  /** The set that is built. */
  readonly set: VersionSet;
  /** Writes the projections that are folded anew, and no others; they stand at the end of the log. */
  readonly writer: SetWriter;
  readonly live: Pick<VersionSet, 'setId' | 'schema'>;
  /** All projections of the set. */
  readonly projections: readonly Projection[];
  /** Beginnings of the names of streams that are folded. */
  readonly streamPrefixes: readonly string[] | undefined;
  /** Where the copy was made before; undefined when it is still to be made. */
  readonly copiedAt: bigint | undefined;
  readonly signal: AbortSignal;
};

/** Copies what was not folded, and folds the few events that the copy is ahead. What was done already is not done again. */
export async function takeOverRest(what: TakeOver): Promise<void> {
  const { sql, set, writer, live, projections, streamPrefixes, signal } = what;
  const folded = new Set(set.folded ?? []);
  let { copiedAt } = what;
  if (copiedAt === undefined) {
    // The copy must not be behind what was folded: an event cannot be taken out of a row again.
    await untilOvertaken({ sql, live, position: writer.checkpoint.position, signal });
    const others = projections.filter(({ name }) => !folded.has(name));
    copiedAt = await copyTables(sql, { live, built: set }, others);
  }
  await writer.catchUpFromLog(copiedAt + 1n, { streamPrefixes });
  // What lies in between may be of the others alone.
  if (writer.checkpoint.position < copiedAt) await writer.write([], { position: copiedAt });
}
