import { z } from '@hono/zod-openapi';
import { instantOutputSchema } from './identifiers.ts';
import { problemKinds, type ProblemCode } from '../problem.ts';

/** A way out of a refusal (`domain.md 6.4`). */
export const remedySchema = z
  .object({
    kind: z.enum(['self_service', 'upgrade_role', 'support', 'partner', 'wait']),
    text: z.object({ en: z.string(), nl: z.string() }),
    until: instantOutputSchema.optional(),
    link: z.string().optional(),
  })
  .openapi('Remedy', {
    example: {
      kind: 'self_service',
      text: { en: 'Enter payment details.', nl: 'Vul betaalgegevens in.' },
    },
  });

const redeemers = ['you', 'your_organisation', 'another'] as const;

/** What became of one key of an order; that the request was handled does not say that the key was taken. */
export const keyOutcomeSchema = z
  .object({
    last5: z.string().nullable().openapi({ description: 'null: not even its form is right' }),
    redeemed: z.boolean(),
    reasonCodes: z.array(z.string()).openapi({ description: 'Empty too when another key of the order is the reason' }),
    remedies: z.array(remedySchema),
    redeemedBy: z.enum(redeemers).optional(),
  })
  .openapi('ProductKeyOutcome', { example: { last5: 'K7VHX', redeemed: true, reasonCodes: [], remedies: [] } });

// The codes come from the table's own keys, so the cast only restores what `Object.keys` forgets.
const codes = Object.keys(problemKinds) as [ProblemCode, ...ProblemCode[]];

/** The body of every error (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string().openapi({ description: 'URI reference of the explanation in /docs' }),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes).openapi({ description: 'Stable; never changes meaning' }),
    detail: z.string().openapi({ description: 'What happened and what to do next' }),
    instance: z.string(),
    issues: z
      .array(
        z.object({
          in: z.enum(['path', 'query', 'header', 'body']),
          path: z.string().openapi({ description: 'Dotted path of the field' }),
          code: z.string(),
          message: z.string(),
        }),
      )
      .optional()
      .openapi({ description: 'With INVALID_INPUT: everything that is wrong, not only the first' }),
    reasonCodes: z.array(z.string()).optional().openapi({ description: 'With REFUSED: all that apply' }),
    remedies: z.array(remedySchema).optional().openapi({ description: 'With REFUSED: at least one' }),
    firstEventId: z.string().optional().openapi({ description: 'With REFUSED, where the same was done before' }),
    redeemedBy: z
      .enum(redeemers)
      .optional()
      .openapi({ description: 'With KEY_ALREADY_REDEEMED: by whom, as far as the caller may know' }),
    keys: z
      .array(keyOutcomeSchema)
      .optional()
      .openapi({ description: 'With an order of several product keys: what became of each' }),
    subscriptionId: z.string().optional(),
    actualVersion: z.int().optional().openapi({ description: 'With VERSION_CONFLICT' }),
    incident: z.string().optional().openapi({ description: 'With INTERNAL: the id in the log' }),
  })
  .openapi('Problem', {
    example: {
      type: '/docs#problem-NOT_FOUND',
      title: 'There is nothing here',
      status: 404,
      code: 'NOT_FOUND',
      detail: 'There is no subscription "office-9" in tenant "acme". Check the id.',
      instance: '/v1/tenants/acme/subscriptions/office-9',
    },
  });
