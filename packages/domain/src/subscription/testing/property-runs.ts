/**
 * How often a property is tried: as often as a quick run wants, or as the environment says. `PROPERTY_RUNS` multiplies the
 * runs, `PROPERTY_SEED` repeats those of a failure, whose message names its seed, its path and the history behind it.
 *
 * @example
 * PROPERTY_RUNS=20 node packages/domain/dist/subscription/guards.unit.test.js
 * PROPERTY_SEED=-1054132214 node packages/domain/dist/subscription/guards.unit.test.js
 *
 * @module
 */

/** Parameters of `fc.assert`. */
export function propertyRuns(numRuns: number): {
  readonly numRuns: number;
  readonly seed?: number;
  readonly includeErrorInReport: true;
} {
  const { PROPERTY_RUNS: times = '1', PROPERTY_SEED: seed } = process.env;
  return {
    numRuns: numRuns * Math.max(1, Number(times)),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    includeErrorInReport: true,
  };
}
