/**
 * Identifiers and headers as they appear in URLs and requests (`contract.md`, Identifiers).
 *
 * @module
 */
import { z } from '@hono/zod-openapi';
import { anyInstantSchema } from '@perennial/domain';
import { isStorableText } from '../body.ts';

const identifierPattern = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/;
const identifierHint = 'letters, digits, dots and dashes, beginning with a letter or digit, at most 64';

/** A tenant. */
export const tenantSchema = z
  .string()
  .regex(identifierPattern, identifierHint)
  .openapi({ example: 'acme', description: `Tenant: ${identifierHint}` });

/** A subscription's id inside its tenant. */
export const subscriptionIdSchema = z
  .string()
  .regex(identifierPattern, identifierHint)
  .openapi({ example: 'office-1', description: `Subscription id: ${identifierHint}` });

/** A user's id, any characters. */
export const userIdSchema = z
  .string()
  .min(1)
  .max(256)
  .refine(isStorableText, 'well-formed Unicode without the character NUL')
  .openapi({ example: 'alice@acme.example', description: 'User id: 1 to 256 characters, URL-encoded in paths' });

/** A position of the log: opaque, but decimal. */
export const positionSchema = z
  .string()
  .regex(/^\d{1,20}$/, 'a position as answered by a command or a read: decimal digits')
  .openapi({ example: '48123', description: 'Opaque position of the log' });

/** An instant in a query or body: any RFC 3339 instant, answered as UTC with milliseconds. */
export const instantInputSchema = z.pipe(z.string(), anyInstantSchema).openapi({
  type: 'string',
  format: 'date-time',
  example: '2027-06-01T00:00:00.000Z',
});

/** An instant in an answer. */
export const instantOutputSchema = z.string().openapi({ format: 'date-time', example: '2027-06-01T00:00:00.000Z' });

/** The query of every read. */
export const readQuerySchema = z.object({
  minPosition: positionSchema.optional().openapi({
    description: 'Answer only once the read model has seen this position (503 READ_MODEL_BEHIND after 5 s)',
  }),
});

/** The two times of a question about another instant: with either, the answer comes from the log itself. */
export const timeQuerySchema = z.object({
  at: instantInputSchema.optional().openapi({
    description: 'Valid time: how things stood then; without it that of `knownAt`, or now',
  }),
  knownAt: instantInputSchema.optional().openapi({
    description: 'System time: counting only what had been recorded by then; without it all that is recorded',
  }),
});

/** Whether another instant than now is asked for. */
export function asksForAnotherTime({ at, knownAt }: { readonly at?: unknown; readonly knownAt?: unknown }): boolean {
  return at !== undefined || knownAt !== undefined;
}

/** Printable characters of US-ASCII: what a header can carry everywhere. */
export const printable = (lengthMax: number) =>
  z
    .string()
    .min(1)
    .max(lengthMax)
    .regex(/^[\x20-\x7e]*$/, 'printable ASCII characters');

/** Bounds of a page. */
export const pageQuerySchema = z.object({
  after: z.string().min(1).max(512).optional().openapi({ description: '`next` of the page before' }),
  limit: z.coerce.number().int().min(1).max(1000).optional().openapi({ description: 'Rows of a page', example: 100 }),
});
