/**
 * Who calls. What a token claims, or in mode `none` what two headers say (`contract.md`, HTTP).
 *
 * @module
 */
import type { Actor } from '@perennial/event-store';
import { ProblemError } from '../http/problem.ts';

/** The caller as claimed: `name` is a user id, not yet a person id. */
export type Caller = {
  readonly type: Actor['type'];
  readonly name: string;
  readonly roles: readonly string[];
  /** Tenants that the caller may touch. */
  readonly tenants: 'all' | ReadonlySet<string>;
};

/** Finds out who calls. Throws `UNAUTHENTICATED` when that cannot be believed. */
export type Authenticate = (header: (name: string) => string | undefined) => Promise<Caller> | Caller;

const rolePattern = /^[a-z][a-z0-9-]{0,63}$/;
const roleCountMax = 32;
const nameLengthMax = 256;

/** Splits `user:alice` into its type and id; text without one of the types given is a user's id as a whole. */
export function parseActor(text: string, types: readonly Actor['type'][]): Pick<Caller, 'type' | 'name'> {
  const colon = text.indexOf(':');
  const type = types.find((candidate) => candidate === text.slice(0, Math.max(colon, 0)));
  const name = type === undefined ? text : text.slice(colon + 1);
  if (name.length === 0 || name.length > nameLengthMax) {
    throw new ProblemError('INVALID_INPUT', 'The caller is not named: give an id of 1 to 256 characters.', {
      issues: [{ in: 'header', path: 'Perennial-Actor', code: 'too_big', message: 'an id of 1 to 256 characters' }],
    });
  }
  return { type: type ?? 'user', name };
}

/** Role names as given; undefined when one of them cannot be a role's name. */
export function cleanRoles(names: readonly string[]): readonly string[] | undefined {
  const roles = [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))];
  return roles.length <= roleCountMax && roles.every((role) => rolePattern.test(role)) ? roles : undefined;
}

/** Whether the caller has one of the roles; `global-admin` has all of them (`contract.md`, Roles). */
export function hasRole(caller: Caller, roles: readonly string[]): boolean {
  return caller.roles.some((role) => role === 'global-admin' || roles.includes(role));
}
