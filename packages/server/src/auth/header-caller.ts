import { ProblemError } from '../http/problem.ts';
import { cleanRoles, parseActor, type Authenticate } from './caller.ts';

const actorTypes = ['user', 'partner', 'support', 'provider', 'system', 'anonymous'] as const;

/**
 * Mode `none`, for loopback only: `Perennial-Actor` and `Perennial-Roles` stand for a token's claims. Without roles the
 * caller is `global-admin`. The id may be percent-encoded, because a header cannot carry every character.
 */
export const authenticateByHeaders: Authenticate = (header) => {
  const actor = header('Perennial-Actor')?.trim();
  const roles = cleanRoles((header('Perennial-Roles') ?? 'global-admin').split(','));
  if (roles === undefined) throw badHeader('Perennial-Roles', 'role names separated by commas, such as billing-admin');
  if (actor === undefined || actor === '') return { type: 'anonymous', name: 'anonymous', roles, tenants: 'all' };
  return { ...parseActor(decode(actor), actorTypes), roles, tenants: 'all' };
};

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badHeader('Perennial-Actor', 'percent-encoded UTF-8, such as user:alice%40acme.example');
  }
}

function badHeader(name: string, wanted: string): ProblemError {
  return new ProblemError('INVALID_INPUT', `The header ${name} must hold ${wanted}.`, {
    issues: [{ in: 'header', path: name, code: 'invalid_format', message: wanted }],
  });
}
