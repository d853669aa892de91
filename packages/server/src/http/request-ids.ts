/**
 * The ids a request carries or is given: command, correlation, trace (`contract.md`, HTTP).
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { printable } from './schemas/identifiers.ts';

/** Headers of everything that changes something. */
export const commandHeadersSchema = z.object({
  'Idempotency-Key': printable(255)
    .refine(
      (key) => !reservedPrefix.test(key),
      'may not begin with "fact:", "ending:", "timer:", "key:", "move:" or "reactivation:", which belong to payments, timers, product keys, moves and reactivations',
    )
    .optional()
    .openapi({
      example: 'order-1742',
      description: 'The command id, scoped to tenant and target: repeating it answers with the first result',
    }),
  'Perennial-Correlation-Id': printable(128)
    .optional()
    .openapi({ example: 'checkout-88', description: 'Carried by every event that follows from this request' }),
  traceparent: z.string().max(256).optional().openapi({ description: 'W3C trace context' }),
  'Perennial-Actor': z.string().max(2048).optional().openapi({
    example: 'user:alice',
    description: 'Auth mode `none` only: who calls',
  }),
  'Perennial-Roles': z.string().max(2048).optional().openapi({
    example: 'billing-admin,license-admin',
    description: 'Auth mode `none` only: the roles of the caller',
  }),
});

// Intake and timers name their commands so: a client that took such an id would make a payment look like a repetition.
const reservedPrefix = /^(fact|ending|timer|key|move|reactivation):/;

/** The ids under which a change is recorded. */
export type RequestIds = {
  readonly commandId: string;
  readonly correlationId: string;
  readonly traceparent?: string;
};

/** Reads the ids from the headers; what is left out is made up. */
export function requestIds(headers: z.output<typeof commandHeadersSchema>): RequestIds {
  const trace = parseTraceparent(headers.traceparent);
  return {
    commandId: headers['Idempotency-Key'] ?? randomUUID(),
    correlationId: headers['Perennial-Correlation-Id'] ?? trace?.traceId ?? randomUUID(),
    ...(trace !== undefined && { traceparent: trace.text }),
  };
}

// W3C Trace Context: an invalid header is ignored, never an error.
function parseTraceparent(text: string | undefined): { readonly text: string; readonly traceId: string } | undefined {
  const traceId = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/.exec(
    text ?? '',
  )?.[1];
  return text === undefined || traceId === undefined ? undefined : { text, traceId };
}

/** The revision in `If-Match`: an entity tag as answered, or `*` for any. */
export const ifMatchSchema = z
  .string()
  .regex(/^(\*|(W\/)?"\d{1,15}")$/, 'an entity tag as answered, such as "4", or *')
  .optional()
  .openapi({ example: '"4"', description: 'Only if the subscription still has this version (412 VERSION_CONFLICT)' });

/** The version that `If-Match` names, if any. */
export function expectedVersion(ifMatch: string | undefined): number | undefined {
  const digits = /\d+/.exec(ifMatch ?? '')?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** A version as an entity tag. */
export function entityTag(version: number): string {
  return `"${version}"`;
}
