import { z } from 'zod';
import type { EventMetadata } from './types.ts';

const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const sha256Pattern = /^[0-9a-f]{64}$/;
const actorTypes = ['user', 'partner', 'support', 'provider', 'system', 'anonymous'] as const;

const instant = z.string().regex(instantPattern, 'not an instant like 2027-06-01T00:00:00.000Z');
const sha256Hex = z.string().regex(sha256Pattern, 'not a SHA-256 in lower-case hex');

/** The envelope as stored (architecture: write path, 5). Keys it does not know are kept: the hash covers them. */
export const metadataSchema = z.looseObject({
  schemaVersion: z.int().min(1),
  effectiveAt: instant,
  recordedAt: instant,
  actor: z.looseObject({
    type: z.enum(actorTypes),
    id: z.string(),
    roles: z.array(z.string()),
  }),
  commandId: z.string(),
  $correlationId: z.string(),
  $causationId: z.string(),
  tenant: z.string().optional(),
  policy: z.string().optional(),
  catalogue: z.string().optional(),
  tzdata: z.string().optional(),
  reason: z.string().optional(),
  commandHash: z.string().optional(),
  prevHash: sha256Hex,
  hash: sha256Hex,
  traceparent: z.string().optional(),
});

const knownActorTypes: ReadonlySet<unknown> = new Set(actorTypes);
const texts = ['commandId', '$correlationId', '$causationId'] as const;
const optionalTexts = ['tenant', 'policy', 'catalogue', 'tzdata', 'reason', 'commandHash', 'traceparent'] as const;

/**
 * Whether {@link metadataSchema} takes a value, a tenth of its time: every event that is read passes here. What it refuses
 * is left to the schema, which says why.
 */
export function isMetadata(value: unknown): value is EventMetadata {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const members = value as Readonly<Record<string, unknown>>; // any object may be asked for any property
  const { schemaVersion } = members;
  return (
    Number.isSafeInteger(schemaVersion) &&
    Number(schemaVersion) >= 1 &&
    fits(members['effectiveAt'], instantPattern) &&
    fits(members['recordedAt'], instantPattern) &&
    fits(members['prevHash'], sha256Pattern) &&
    fits(members['hash'], sha256Pattern) &&
    texts.every((name) => typeof members[name] === 'string') &&
    optionalTexts.every((name) => members[name] === undefined || typeof members[name] === 'string') &&
    isActor(members['actor'])
  );
}

function fits(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isActor(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { type, id, roles } = value as Readonly<Record<string, unknown>>; // as above
  const areRoles = Array.isArray(roles) && roles.every((role) => typeof role === 'string');
  return knownActorTypes.has(type) && typeof id === 'string' && areRoles;
}

/** Says in one line what a schema refused: `path: problem; path: problem`. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`).join('; ');
}
