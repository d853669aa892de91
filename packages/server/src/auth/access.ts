/**
 * Who may call an operation at all. What a caller may do to a subscription is decided by the rules themselves
 * (`contract.md`, Roles), so that the answer can name reason codes.
 *
 * @module
 */
import { ProblemError } from '../http/problem.ts';
import { hasRole, type Caller } from './caller.ts';

/** Who may call an operation. */
export type Access =
  /** Anybody, without a token. */
  | { readonly kind: 'public' }
  /** Callers of the tenant in the path, with one of the roles where some are named. */
  | { readonly kind: 'tenant'; readonly roles?: readonly string[] }
  /** Any caller who is known. */
  | { readonly kind: 'known' }
  /** Callers who may touch every tenant, with one of the roles. */
  | { readonly kind: 'platform'; readonly roles: readonly string[] };

/** Throws `FORBIDDEN` with what is missing. */
export function authorise(caller: Caller, access: Access, tenant: string | undefined): void {
  switch (access.kind) {
    case 'public':
    case 'known':
      return;
    case 'tenant':
      if (tenant !== undefined && caller.tenants !== 'all' && !caller.tenants.has(tenant)) {
        throw new ProblemError('FORBIDDEN', 'The token is not for this tenant: use one that names it.');
      }
      if (access.roles !== undefined) needRole(caller, access.roles);
      return;
    case 'platform':
      if (caller.tenants !== 'all') {
        throw new ProblemError('FORBIDDEN', 'This concerns every tenant: use a token with tenants "*".');
      }
      needRole(caller, access.roles);
      return;
    default:
      access satisfies never;
  }
}

function needRole(caller: Caller, roles: readonly string[]): void {
  if (hasRole(caller, roles)) return;
  const wanted = ['global-admin', ...roles].join(', ');
  throw new ProblemError('FORBIDDEN', `One of these roles is needed: ${wanted}.`, {
    reasonCodes: ['ROLE_MISSING'],
    remedies: [
      {
        kind: 'upgrade_role',
        text: {
          en: `Ask an administrator for one of these roles: ${wanted}.`,
          nl: `Vraag een beheerder om een van deze rollen: ${wanted}.`,
        },
      },
    ],
  });
}
