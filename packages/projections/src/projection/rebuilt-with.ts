import type { Projection } from './projection.ts';

/** No projection of this release has that name. */
export class UnknownProjectionError extends Error {
  override readonly name = 'UnknownProjectionError';
  readonly code = 'PROJECTION_UNKNOWN';
}

/**
 * Names of the projections that are folded anew when one of them is, itself among them:
 *
 * - those of the same streams, because the revision in the root's row guards the rows of all of them at once;
 * - those whose rows it takes away ({@link Projection.forgetsRowsOf}), because rows that it took by mistake are in no table
 *   that could be copied; and so on from there.
 *
 * @throws UnknownProjectionError
 */
export function rebuiltWith(projections: readonly Projection[], name: string): readonly string[] {
  const wanted = [name];
  const found = new Set<string>();
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    const named = projections.find((projection) => projection.name === next);
    if (named === undefined) {
      const names = projections.map((projection) => projection.name).join(', ');
      throw new UnknownProjectionError(`There is no projection ${next}; there are ${names}.`);
    }
    for (const sibling of projections) {
      if (sibling.handles.streamPrefix !== named.handles.streamPrefix || found.has(sibling.name)) continue;
      found.add(sibling.name);
      wanted.push(...(sibling.forgetsRowsOf ?? []));
    }
  }
  return projections.flatMap((projection) => (found.has(projection.name) ? [projection.name] : []));
}
