import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { ProblemError } from '../http/problem.ts';
import { retryAfter } from '../http/faults.ts';
import { cleanRoles, parseActor, type Authenticate } from './caller.ts';

/** Where the keys that tokens are signed with come from, and what tokens must say. */
export type JwtOptions = {
  /** A JSON Web Key Set: RS256 and ES256. */
  readonly jwksUrl?: string;
  /** A shared secret: HS256. */
  readonly secret?: string;
  /** Required `iss` and `aud`, where set. */
  readonly issuer?: string;
  readonly audience?: string;
  readonly clockToleranceSeconds?: number;
  readonly jwksTimeoutMs?: number;
};

// A token may call its subject one of these; only our own parts act as `system` or `provider`.
const subjectTypes = ['user', 'partner', 'support'] as const;

/**
 * Mode `jwt`: a bearer token with `sub`, `roles` (a list, or text separated by spaces or commas) and the tenants it is
 * for, `tenant` or `tenants`; `*` means every tenant. The algorithm belongs to the kind of key, never to the token, so
 * that a public key can never be used as a secret.
 */
export function authenticateByJwt(options: JwtOptions): Authenticate {
  const key = keySource(options);
  const verifyOptions = {
    requiredClaims: ['sub'],
    clockTolerance: options.clockToleranceSeconds ?? 30,
    ...(options.issuer !== undefined && { issuer: options.issuer }),
    ...(options.audience !== undefined && { audience: options.audience }),
  };
  return async (header) => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header('Authorization')?.trim() ?? '')?.[1];
    if (token === undefined) throw unauthenticated('Send a bearer token in the Authorization header.');
    return callerOf(await verify(token, key, verifyOptions));
  };
}

type Key = { readonly get: JWTVerifyGetKey; readonly algorithms: string[] };

function keySource({ jwksUrl, secret, jwksTimeoutMs = 5000 }: JwtOptions): Key {
  if (jwksUrl !== undefined) {
    const keySet = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: jwksTimeoutMs });
    return { get: keySet, algorithms: ['RS256', 'ES256'] };
  }
  if (secret === undefined) throw new TypeError('jwt authentication needs a JWKS URL or a secret');
  const bytes = new TextEncoder().encode(secret);
  return { get: () => bytes, algorithms: ['HS256'] };
}

async function verify(token: string, key: Key, options: object): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, key.get, { ...options, algorithms: key.algorithms })).payload;
  } catch (error) {
    throw isKeySetFault(error)
      ? new ProblemError(
          'UNAVAILABLE',
          'The key set that tokens are checked with does not answer; try again.',
          {},
          {
            ...retryAfter(5),
            cause: error,
          },
        )
      : unauthenticated(reason(error), error);
  }
}

// Not the token's fault: the key set could not be fetched (which jose reports without a code of its own) or read.
function isKeySetFault(error: unknown): boolean {
  return (
    !(error instanceof errors.JOSEError) ||
    ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'].includes(error.code)
  );
}

function reason(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired: get a new one.';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `The token's claim "${error.claim}" is missing or wrong.`;
  return 'The token cannot be verified: its signature, algorithm or form is wrong.';
}

function callerOf(claims: JWTPayload): ReturnType<Authenticate> {
  const roles = cleanRoles(listOf(claims['roles']));
  if (roles === undefined) throw unauthenticated('The token\'s claim "roles" holds something that is not a role.');
  const tenants = [...listOf(claims['tenants']), ...listOf(claims['tenant'])];
  return {
    // `sub` is a required claim: verification has refused a token without it.
    ...parseActor(claims.sub ?? '', subjectTypes),
    roles,
    tenants: tenants.includes('*') ? 'all' : new Set(tenants),
  };
}

function listOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(/[\s,]+/).filter((part) => part !== '');
  return Array.isArray(claim) ? claim.filter((part) => typeof part === 'string') : [];
}

function unauthenticated(detail: string, cause?: unknown): ProblemError {
  return new ProblemError('UNAUTHENTICATED', detail, {}, { headers: { 'www-authenticate': 'Bearer' }, cause });
}
