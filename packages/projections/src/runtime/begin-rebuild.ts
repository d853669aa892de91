import type { Projection } from '../projection/projection.ts';
import { rebuiltWith } from '../projection/rebuilt-with.ts';
import { beginRebuild, isOwnSet, type VersionSet } from '../set/version-set.ts';
import type { Sql } from '../sql/types.ts';
import type { OpenedSet } from './opened-set.ts';
import type { RebuildOptions } from './projections.ts';
import { SetNotReadyError } from './set-build.ts';

/** Names of the projections that are folded from the log into a set. */
export function foldedIn(
  { folded }: Pick<VersionSet, 'folded'>,
  projections: readonly Projection[],
): readonly string[] {
  return folded ?? projections.map(({ name }) => name);
}

/**
 * Registers the set of a rebuild, of all projections or of `only` one and what goes with it; the one that is being built
 * already if it folds the same.
 *
 * @throws UnknownProjectionError
 * @throws SetNotReadyError when another one is being built, or there are no tables of this release to take over
 */
export async function beginRebuildOf(
  sql: Sql,
  projections: readonly Projection[],
  live: OpenedSet,
  { isByHand = false, only }: RebuildOptions,
): Promise<{ readonly set: VersionSet; readonly isNew: boolean }> {
  const names = only === undefined ? undefined : rebuiltWith(projections, only);
  const folded = names === undefined || names.length === projections.length ? null : names;
  if (folded && !isOwnSet(live.set, projections)) {
    throw new SetNotReadyError(
      'The read models of this release are still being built, all of them; rebuild one when they have taken over (projection list).',
    );
  }
  const begun = await beginRebuild(sql, projections, { isByHand, folded });
  const asked = foldedIn({ folded }, projections);
  const found = foldedIn(begun.set, projections);
  if (found.join(' ') === asked.join(' ')) return begun;
  throw new SetNotReadyError(
    `${begun.set.schema} is being built already, from ${found.join(', ')}; begin again when it has taken over (projection list).`,
  );
}
