import { directMosa2020v1 } from './direct-mosa-2020.ts';
import type { PolicyProfile } from './profile.ts';

/** Every profile ever released, oldest version first. Adding a profile or a version is adding a line. */
const released: readonly PolicyProfile[] = [directMosa2020v1];

const byId = new Map<string, PolicyProfile>();
for (const profile of released) {
  byId.set(profileId(profile), profile);
  // Later versions overwrite: a bare name means the newest.
  byId.set(profile.name, profile);
}

/** `name@version`, as events carry it. */
export function profileId(profile: Pick<PolicyProfile, 'name' | 'version'>): string {
  return `${profile.name}@${profile.version}`;
}

/** The profile with that id, or the newest version of that name; `undefined` when there is none. */
export function policyFor(idOrName: string): PolicyProfile | undefined {
  return byId.get(idOrName);
}

/** Names of all profiles. */
export function policyNames(): readonly string[] {
  return [...new Set(released.map((profile) => profile.name))];
}

/** Every version of every profile. */
export function allPolicies(): readonly PolicyProfile[] {
  return released;
}
