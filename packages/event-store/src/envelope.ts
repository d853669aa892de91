import { z } from 'zod';

const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, 'not an instant like 2027-06-01T00:00:00.000Z');
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in lower-case hex');

/** The envelope as stored (architecture: write path, 5). Keys it does not know are kept: the hash covers them. */
export const metadataSchema = z.looseObject({
  schemaVersion: z.int().min(1),
  effectiveAt: instant,
  recordedAt: instant,
  actor: z.looseObject({
    type: z.enum(['user', 'partner', 'support', 'provider', 'system', 'anonymous']),
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

/** Says in one line what a schema refused: `path: problem; path: problem`. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`).join('; ');
}
