import { cspNceV1 } from './csp-nce.ts';
import { directMca2024v1 } from './direct-mca-2024.ts';
import { directMosa2020v1 } from './direct-mosa-2020.ts';
import { enterpriseMultiyearV1 } from './enterprise-multiyear.ts';
import { marketplaceSaasV1 } from './marketplace-saas.ts';
import { openValueV1 } from './open-value.ts';
import type { PolicyProfile } from './profile.ts';
import { vlEnterpriseV1, vlEnterpriseV2 } from './vl-enterprise.ts';

/**
 * Every profile ever released (`domain.md 1.11`), oldest version first. Adding a profile or a version is adding a line;
 * what is here never changes again, which published.unit.test.ts sees to.
 */
const released: readonly PolicyProfile[] = [
  directMosa2020v1,
  directMca2024v1,
  enterpriseMultiyearV1,
  vlEnterpriseV1,
  vlEnterpriseV2,
  openValueV1,
  cspNceV1,
  marketplaceSaasV1,
];

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
