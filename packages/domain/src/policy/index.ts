export { groupsOf, roleRefusal, type AuthorityQuestion, type RoleRefusal } from './authority.ts';
export { allPolicies, policyFor, policyNames, profileId } from './policies.ts';
export { commandGroups, policyProfileSchema, type CommandGroup, type PolicyProfile } from './profile.ts';
