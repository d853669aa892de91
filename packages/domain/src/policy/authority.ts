import type { Channel } from '../subscription/header.ts';
import type { CommandGroup, PolicyProfile } from './profile.ts';

/** What is asked: may someone with these roles do this to a subscription of this channel? */
export type AuthorityQuestion = {
  readonly command: string;
  readonly roles: readonly string[];
  readonly channel: Channel;
};

/** The code of a missing role (`contract.md`, Roles). */
export type RoleRefusal = 'NOT_BILLING_ADMIN' | 'NOT_LICENSE_ADMIN' | 'ROLE_MISSING';

/** `null` when one of the roles opens the command, else the code that says which role is missing. */
export function roleRefusal(profile: PolicyProfile, question: AuthorityQuestion): RoleRefusal | null {
  const needed = profile.commands[question.command] ?? [];
  if (
    question.roles.some((role) => groupsOf(profile, role, question.channel).some((group) => needed.includes(group)))
  ) {
    return null;
  }
  if (needed.includes('billing')) return 'NOT_BILLING_ADMIN';
  return needed.includes('license') ? 'NOT_LICENSE_ADMIN' : 'ROLE_MISSING';
}

/** The groups of commands that a role opens on subscriptions of a channel. */
export function groupsOf(profile: PolicyProfile, role: string, channel: Channel): readonly CommandGroup[] {
  return [...(ownEntry(profile.roles, role) ?? []), ...(ownEntry(profile.rolesByChannel[channel] ?? {}, role) ?? [])];
}

/** Roles come from callers: `constructor` must not find something inherited. */
function ownEntry<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
