/**
 * Services that cannot go together (`domain.md 1.8`: MutuallyExclusiveViolation, DependencyViolation).
 *
 * @module
 */

/** An app of a plan, and what the catalogue says of it and others. */
export type Service = {
  readonly appId: string;
  /** Apps that nobody may have beside this one, whichever of the two says so. */
  readonly excludes?: readonly string[] | undefined;
  /** It needs one of these; empty or absent: nothing. */
  readonly requires?: readonly string[] | undefined;
};

/** A pair that excludes each other, or a service and what it lacks. */
export type ServiceConflict = {
  readonly kind: 'exclusive' | 'dependency';
  readonly appId: string;
  readonly others: readonly string[];
};

/**
 * The first conflict that giving some services leads to, beside those that the person has already; `null`: none. The same
 * app from two plans is one app. Conflicts among what the person has already are none of the assignment's.
 */
export function serviceConflict(given: readonly Service[], held: readonly Service[]): ServiceConflict | null {
  const all = [...given, ...held];
  const ids = new Set(all.map(({ appId }) => appId));
  for (const { appId, excludes = [], requires = [] } of given) {
    const excluded = excludes.find((other) => other !== appId && ids.has(other));
    const excluding = all.find((other) => other.appId !== appId && other.excludes?.includes(appId) === true);
    const against = excluded ?? excluding?.appId;
    if (against !== undefined) return { kind: 'exclusive', appId, others: [against] };
    if (requires.length > 0 && !requires.some((needed) => ids.has(needed))) {
      return { kind: 'dependency', appId, others: requires };
    }
  }
  return null;
}
