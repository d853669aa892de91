import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { readBody } from '../http/body.ts';
import type { ApiApp } from '../http/operation.ts';
import { documentWebhook } from '../http/openapi.ts';
import { ProblemError } from '../http/problem.ts';
import type { PaymentPort } from '../http/services.ts';
import { checkStripeSignature, type StripeSignatureResult } from './stripe-signature.ts';

/** Settings of the webhook. */
export type StripeWebhookOptions = {
  /** Endpoint secrets in force; without one every call is refused. */
  readonly secrets: readonly string[];
  readonly toleranceSeconds?: number;
  readonly nowMs?: () => number;
};

// Below the broker's usual limit of 1 MiB for a message with its headers.
const bytesMax = 1_000_000;

const why: Readonly<Record<Exclude<StripeSignatureResult, 'valid'>, string>> = {
  missing: 'The header Stripe-Signature is missing.',
  malformed: 'The header Stripe-Signature has no timestamp or no v1 signature.',
  wrong: 'No v1 signature fits the body: check STRIPE_WEBHOOK_SECRET, and that nothing between changes the body.',
  stale: 'The signature is too old or from the future: check the clock, or send the event again.',
};

/**
 * POST webhooks/stripe: checks the signature on the raw bytes, stores exactly these bytes and answers 200. What they
 * mean is worked out by intake (`domain.md 6.10` rule 1), so an event of an unknown type is stored as well.
 */
export function addStripeWebhook(app: ApiApp, payments: PaymentPort, options: StripeWebhookOptions): void {
  const path = '/v1/webhooks/stripe';
  documentWebhook(app.openAPIRegistry, path);
  app.post(path, async (context) => {
    context.set('operation', 'stripeWebhook');
    if (options.secrets.length === 0) {
      throw new ProblemError('WEBHOOK_NOT_CONFIGURED', 'Set STRIPE_WEBHOOK_SECRET to accept events of Stripe.');
    }
    const { bytes } = await readBody(context.req.raw, { mediaTypes: ['application/json'], bytesMax });
    const result = checkStripeSignature({
      header: context.req.header('Stripe-Signature'),
      body: bytes,
      secrets: options.secrets,
      nowMs: (options.nowMs ?? Date.now)(),
      toleranceSeconds: options.toleranceSeconds ?? 300,
    });
    if (result !== 'valid') throw new ProblemError('SIGNATURE_INVALID', why[result]);
    const { duplicate } = await payments.publishRaw({
      provider: 'stripe',
      messageId: eventId(bytes) ?? createHash('sha256').update(bytes).digest('hex'),
      contentType: 'application/json',
      bytes,
    });
    return context.json({ received: true, duplicate }, 200);
  });
}

const envelope = z.object({ id: z.string().regex(/^[\x21-\x7e]{1,200}$/) });

// Only to recognise a repetition. What cannot be read is stored under its digest: intake parks it with its bytes.
function eventId(bytes: Uint8Array): string | undefined {
  try {
    return envelope.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data?.id;
  } catch {
    return undefined;
  }
}
